//! The whole bundle under simulation: the real handlers in a world that is hostile in every documented way and fully
//! determined by one seed, and a checker that reads what happened.

pub mod aws;
pub mod billing;
pub mod bugs;
pub mod callbacks;
pub mod chance;
pub mod check;
pub mod command;
pub mod desk;
pub mod driver;
pub mod fleet;
pub mod flow;
pub mod gateway;
pub mod guarded;
pub mod history;
pub mod leads;
pub mod life;
pub mod log;
pub mod matrix;
pub mod options;
pub mod page;
pub mod pool;
pub mod run;
pub mod shrink;
pub mod sim;
pub mod systems;
pub mod table;
pub mod weather;
