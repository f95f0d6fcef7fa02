//! Numbers and colours as SVG writes them: no digit more than needed.

use crate::drawing::pen::TENTHS;
use plotters::style::RGBColor;

/// Pixels with at most one decimal, and none where there is none.
pub(super) struct Px(pub(super) f64);

impl std::fmt::Display for Px {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        Tenth((self.0 * TENTHS).round() as i32).fmt(out)
    }
}

/// Tenths of a pixel, written as pixels.
pub(super) struct Tenth(pub(super) i32);

impl std::fmt::Display for Tenth {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (whole, tenth) = (self.0.abs() / 10, self.0.abs() % 10);
        let sign = if self.0 < 0 { "-" } else { "" };
        if tenth == 0 { write!(out, "{sign}{whole}") } else { write!(out, "{sign}{whole}.{tenth}") }
    }
}

/// A colour as the web writes it.
pub(crate) struct Hex(pub RGBColor);

impl std::fmt::Display for Hex {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let RGBColor(r, g, b) = self.0;
        if (r, g, b) == (255, 255, 255) {
            out.write_str("#fff")
        } else {
            write!(out, "#{r:02x}{g:02x}{b:02x}")
        }
    }
}
