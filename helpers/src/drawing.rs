//! plotters, made fit for a page: a backend that writes SVG in tenths of a pixel, scales, text, one theme, and the sheet that
//! every chart is drawn on.

pub(crate) mod canvas;
pub(crate) mod pen;
pub(crate) mod plot;
pub(crate) mod scale;
pub(crate) mod sheet;
pub(crate) mod text;
pub(crate) mod theme;
