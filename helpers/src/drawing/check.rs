//! What a reader could not read or see.

use super::canvas::{Canvas, Frame};
use super::theme;

/// What a reader could not read: texts over one another or over marks, beyond the frame, or too small.
pub(super) fn faults(canvas: &Canvas, wide: f64, high: f64) -> Vec<String> {
    const CLEAR: f64 = 3.0;
    let card = Frame { x0: CLEAR, y0: CLEAR, x1: wide - CLEAR, y1: high - CLEAR };
    let mut faults = Vec::new();
    for (place, one) in canvas.texts.iter().enumerate() {
        if one.size < theme::SMALLEST {
            faults.push(format!("“{}” is {} px small", one.text, one.size));
        }
        if one.contrast < theme::LEGIBLE {
            faults.push(format!("“{}” has a contrast of {:.2}", one.text, one.contrast));
        }
        for other in &canvas.texts[place + 1..] {
            if one.frame.overlaps(&other.frame) {
                faults.push(format!("“{}” lies over “{}”", one.text, other.text));
            }
        }
        for mark in &canvas.marks {
            if one.frame.overlaps(mark) {
                faults.push(format!("“{}” lies over a mark at {mark:?}", one.text));
            }
        }
    }
    for (frame, contrast) in &canvas.pale {
        faults.push(format!("a mark has a contrast of {contrast:.2}: {frame:?}"));
    }
    for frame in &canvas.extent {
        if !card.holds(frame) {
            faults.push(format!("something reaches beyond the frame: {frame:?}"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use crate::drawing::canvas::Frame;
    use crate::drawing::pen::Pen;
    use crate::drawing::scale::{Scale, Unit};
    use crate::drawing::sheet::{Draw, Foot, Sheet};
    use crate::drawing::theme::{self, Font};
    use plotters_backend::text_anchor::HPos;

    fn faults(draw: impl FnOnce(&Sheet)) -> Vec<String> {
        let sheet = Sheet::new(760.0, "title", "subtitle");
        draw(&sheet);
        sheet.finish(200.0, "title", "description", &Foot::default()).faults
    }

    #[test]
    fn what_cannot_be_read_is_found() {
        let at = |x: f64, y: f64| (x, y);
        assert_eq!(faults(|sheet| sheet.text("clear", theme::LABEL, at(100.0, 120.0), HPos::Left)), [""; 0]);
        let over = faults(|sheet| {
            sheet.text("one", theme::LABEL, at(100.0, 120.0), HPos::Left);
            sheet.text("other", theme::LABEL, at(110.0, 125.0), HPos::Left);
        });
        assert_eq!(over, ["“one” lies over “other”"]);
        let beyond = faults(|sheet| sheet.text("far too far", theme::LABEL, at(740.0, 120.0), HPos::Left));
        assert!(beyond[0].contains("beyond the frame"), "{beyond:?}");
        let small = Font { size: 9.0, ..theme::LABEL };
        assert_eq!(
            faults(|sheet| sheet.text("tiny", small, at(100.0, 120.0), HPos::Left)),
            ["“tiny” is 9 px small"]
        );
        let covered = faults(|sheet| {
            sheet.dot(at(110.0, 118.0), theme::ACCENT, false);
            sheet.text("covered", theme::LABEL, at(100.0, 120.0), HPos::Left);
        });
        assert!(covered[0].contains("over a mark"), "{covered:?}");
    }

    #[test]
    fn a_clip_hides_what_lies_outside() {
        let sheet = Sheet::new(760.0, "t", "s");
        let frame = Frame { x0: 100.0, y0: 100.0, x1: 300.0, y1: 150.0 };
        let plot =
            sheet.plot(frame, Scale::linear(0.0, 1.0, Unit::Count), Scale::linear(0.0, 1.0, Unit::Count));
        plot.clipped(|plot| plot.line(&[(-5.0, 0.5), (7.0, 0.5)], Pen::line(theme::INK, 1.0)));
        let drawing = sheet.finish(160.0, "t", "d", &Foot::default());
        assert!(drawing.faults.is_empty(), "{:?}", drawing.faults);
        assert!(drawing.svg.contains(r#"viewBox="100 100 200 50""#), "{}", drawing.svg);
    }
}
