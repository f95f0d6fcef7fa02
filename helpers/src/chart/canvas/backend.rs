//! The canvas as plotters sees it.

use super::{ASCENT, Canvas, DESCENT, Hex, Px, TENTHS, Tenth};
use crate::chart::text::width;
use crate::chart::theme::Font;
use plotters::style::RGBColor;
use plotters_backend::text_anchor::VPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle,
};
use std::convert::Infallible;
use std::fmt::Write as _;

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
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (wide, high) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let [x, y, wide, high] = [x, y, wide, high].map(Tenth);
        let _ = write!(self.body, r#"<rect x="{x}" y="{y}" width="{wide}" height="{high}""#);
        if self.manner.corner > 0.0 {
            let _ = write!(self.body, r#" rx="{}""#, Px(self.manner.corner));
        }
        self.paint(style, fill);
        let reach = if fill { 0.0 } else { f64::from(style.stroke_width()) / TENTHS / 2.0 };
        self.record(&[from, to], reach);
        let color = style.color();
        if let Some(frame) = self.extent.last().filter(|_| fill && color.alpha >= 1.0) {
            self.grounds.push((*frame, Hex::of(color).0));
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let closed = points.len() > 2 && points.first() == points.last();
        if self.path(if closed { &points[..points.len() - 1] } else { &points }, closed) {
            self.stroke(style);
            self.record(&points, f64::from(style.stroke_width()) / TENTHS / 2.0);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        let (x, y, r) = (Tenth(center.0), Tenth(center.1), Px(f64::from(radius) / TENTHS));
        let _ = write!(self.body, r#"<circle cx="{x}" cy="{y}" r="{r}""#);
        self.paint(style, fill);
        let stroke = if fill { 0.0 } else { f64::from(style.stroke_width()) / TENTHS / 2.0 };
        self.record(&[center], f64::from(radius) / TENTHS + stroke);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Done {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        if self.path(&points, true) {
            self.fill(style);
            self.record(&points, 0.0);
        }
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
