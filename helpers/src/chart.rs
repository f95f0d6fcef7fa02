//! Charts that tell what was found: the finding over the picture, what is plotted below it, machine, sample size and ruling
//! at the foot. Each comes with alt text, a data table and the same in plain text.
//!
//! A kind of chart is a function that takes what was measured; what it returns draws itself when it is the last
//! expression of a cell.
//!
//! | kind | shows |
//! |---|---|
//! | [`dots`] | what several things cost, on one axis |
//! | [`distribution`] | how often each time occurred, and how rare the slow ones are |
//! | [`difference`] | how much longer one takes than the other, pair by pair |
//! | [`line`] | one duration after the other |
//! | [`lanes`] | who takes which step, and what each takes |
//! | [`spans`] | what each did from when to when |
//! | [`matrix`], [`traps`] | acts in rows, what each actor did in columns |
//! | [`card`], [`guards`], [`facts`] | what is known of a place, and what it hides |
//!
//! plotters maps values to places and draws the marks, through a backend of our own that writes SVG in tenths of a pixel.
//! Sizes and colours are in one theme; ticks stand at decades or at 1, 2 and 5, in real units. The same data give the same
//! picture, byte for byte.

mod bins;
mod canvas;
mod card;
mod difference;
mod distribution;
mod dots;
mod figure;
mod lanes;
mod line;
mod matrix;
mod pen;
mod plot;
mod scale;
mod sheet;
mod text;
mod theme;

pub use card::{Card, card, facts, guards};
pub use difference::{Difference, difference};
pub use distribution::{Distribution, distribution};
pub use dots::{Dots, dots};
pub use figure::{Figure, Table};
pub use lanes::{Lanes, Spans, lanes, spans};
pub use line::{Line, line};
pub use matrix::{Cell, Matrix, cell, matrix, traps};
