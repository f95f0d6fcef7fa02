//! Timing one operation, so that the number can be trusted.
//!
//! The operation is a closure, compiled where it is written: in the notebook's cell, with the notebook's own profile. Below
//! a microsecond a clock cannot see a single call, so calls are timed in batches; above it each call is timed. Batches are
//! far shorter than the turn that a scheduler gives (some milliseconds): when another program takes the CPU, most batches
//! do not notice, and the few that do cannot move the median.

mod harness;
pub(crate) mod made;
mod threads;
mod timing;

pub use harness::{
    measure, measure_each, measure_fallible, measure_if_survivable, measure_pair, measure_with,
};
pub use threads::measure_together;
pub use timing::{Pair, Status, Timing};
