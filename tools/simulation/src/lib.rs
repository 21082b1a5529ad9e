//! The bundle under seeds: what a simulated world needs besides the one in `tools/local`.

pub mod desk;
