//! The canvas as plotters sees it. What is drawn here are elements of our own, which write themselves (they can say more than
//! plotters' styles), and plotters' mesh, which is made of lines.

use super::Canvas;
use crate::drawing::pen::Pen;
use plotters::style::{RGBAColor, ShapeStyle};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};
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

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Done {
        let style = ShapeStyle { color: rgba(color), filled: true, stroke_width: 0 };
        self.rect(at, (at.0 + 1, at.1 + 1), &style.into());
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        let style =
            ShapeStyle { color: rgba(style.color()), filled: false, stroke_width: style.stroke_width() };
        self.line(&[from, to], &Pen::from(style));
        Ok(())
    }
}

fn rgba(BackendColor { alpha, rgb: (r, g, b) }: BackendColor) -> RGBAColor {
    RGBAColor(r, g, b, alpha)
}
