//! plotters, made fit for a page. A [`sheet`](sheet::Sheet) and each [`plot`](plot::Plot) on it are plotters' drawing areas;
//! what is drawn on them are [elements](element) that carry their own style; a plot's places come from plotters' coordinates
//! over our [scales](scale), its grid and the places of its labels from plotters' mesh; all of it ends in a
//! [backend](canvas) that writes SVG in tenths of a pixel. [Rows](rows) and [keys](key) are what several charts are made of.

pub(crate) mod canvas;
mod check;
pub(crate) mod element;
pub(crate) mod key;
pub(crate) mod pen;
pub(crate) mod plot;
pub(crate) mod rows;
pub(crate) mod scale;
pub(crate) mod sheet;
pub(crate) mod text;
pub(crate) mod theme;
