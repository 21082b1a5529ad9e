//! Bugs planted on purpose: each is to be caught.

/// Seeds that a planted bug is given at most.
pub const MOST: u64 = 2000;
