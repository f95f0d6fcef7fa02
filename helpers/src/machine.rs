//! The context card: which machine this is, what it allows, what it hides.

pub mod cgroup;
pub mod proc;
