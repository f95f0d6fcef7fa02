//! The canvas as plotters sees it.

use super::{ASCENT, Canvas, DESCENT, TENTHS};
use crate::drawing::text::width;
use crate::drawing::theme::Font;
use plotters::style::RGBColor;
use plotters_backend::text_anchor::VPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle,
};
use std::convert::Infallible;

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        self.rect(from, to, (style.color(), style.stroke_width()), fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        self.line(&points, (style.color(), style.stroke_width()));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        self.circle(center, radius, (style.color(), style.stroke_width()), fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Done {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        self.polygon(&points, style.color());
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, pos: BackendCoord) -> Done {
        let font = font_of(style);
        let anchor = style.anchor();
        let drop = match anchor.v_pos {
            VPos::Top => ASCENT,
            VPos::Center => (ASCENT - DESCENT) / 2.0,
            VPos::Bottom => -DESCENT,
        };
        let at = (f64::from(pos.0) / TENTHS, f64::from(pos.1) / TENTHS + drop * font.size);
        self.text(text, font, at, anchor.h_pos, false);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let font = font_of(style);
        Ok(((width(text, font) * TENTHS) as u32, (font.size * (ASCENT + DESCENT) * TENTHS) as u32))
    }
}

fn font_of(style: &impl BackendTextStyle) -> Font {
    let (r, g, b) = style.color().rgb;
    Font {
        size: style.size() / TENTHS,
        strong: matches!(style.style(), FontStyle::Bold),
        mono: matches!(style.family(), FontFamily::Monospace),
        color: RGBColor(r, g, b),
    }
}
