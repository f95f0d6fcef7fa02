//! skeleton

pub mod units;
pub use units::{Bytes, Count, Nanos, Ratio, micros, millis, nanos};
