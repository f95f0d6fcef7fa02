//! Charts that tell what was found: the finding over the picture, what is plotted below it, machine, sample size and ruling
//! at the foot. Each comes with alt text, a data table and the same in plain text.
//!
//! A kind of chart is a function that takes what was measured; what it returns draws itself when it is the last
//! expression of a cell.
//!
//! | kind | shows |
//! |---|---|
//! | [`dots`] | what several things cost, on one axis |
//! | [`distribution`], [`distributions`] | how often each time occurred, and how rare the slow ones are |
//! | [`difference`] | how much longer one takes than the other, pair by pair |
//! | [`line()`] | one duration after the other |
//! | [`lanes`] | who takes which step, and what each takes |
//! | [`spans`] | what each did from when to when, with its duration |
//! | [`timeline`], [`turns`], [`diary`] | who ran where and when, however often they took turns |
//! | [`folded`] | what comes back with a period, and what does not |
//! | [`bars()`], [`listing`] | how many of each; how many on each line of a program |
//! | [`matrix`], [`traps`] | acts in rows, what each actor did in columns |
//! | [`settled()`], [`sharing`] | pairs of statements and whom they are true for; what to tell others of it |
//! | [`way()`] | the way of a request, with what its steps take |
//! | [`heat`] | one value for each pair: CPU by CPU, CPU by time |
//! | [`shares`] | what a whole is made of |
//! | [`plane`] | two quantities of each thing: latency against CPU time |
//! | [`ratios`], [`context`] | one machine against another, and what differs between the two |
//! | [`card`], [`guards`], [`facts`] | what is known of a place, and what it hides |
//!
//! All of them are a [`Chart`]: its words (`title`, `subtitle`, `ruled`, `machine`, `condition`), and, where the kind has an axis of
//! what was measured, what stands beside the values: the reader's `guess`, a `model`, and what another machine has kept of the
//! same things, its `reference`. Each belongs to the chart's subject or to the thing that it is given with. What is made of steps,
//! cells or facts has no axis on which anything could stand beside a value.
//!
//! The same data give the same picture, byte for byte.

mod bars;
mod card;
mod difference;
mod distribution;
mod dots;
mod figure;
mod folded;
mod heat;
mod kind;
mod lanes;
mod line;
mod matrix;
mod overlay;
mod plane;
mod ratios;
mod settled;
mod shares;
mod sharing;
mod stretch;
mod timeline;
mod way;

pub use bars::{Bars, bars, listing};
pub use card::{Card, card, facts, guards};
pub use difference::{Difference, difference};
pub use distribution::{Distribution, distribution, distributions};
pub use dots::{Dots, dots};
pub use figure::{Figure, Table};
pub use folded::{Folded, folded};
pub use heat::{Heat, heat};
pub use kind::{Chart, Thing};
pub use lanes::{Lanes, Spans, lanes, spans};
pub use line::{Line, Place, line};
pub use matrix::{Cell, Matrix, cell, matrix, traps};
pub use plane::{Extent, Plane, plane};
pub use ratios::{Ratios, context, ratios};
pub use settled::{Settled, settled};
pub use shares::{Shares, shares};
pub use sharing::{shared_from, sharing};
pub use timeline::{Timeline, diary, timeline, turns};
pub use way::{Way, way};
