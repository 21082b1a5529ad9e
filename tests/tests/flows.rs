//! Flow 1, through its public doors: the HTTP API, the webhooks, the schedules, with the real handlers and the twins.

#[path = "flows/crash.rs"]
mod crash;
#[path = "flows/door.rs"]
mod door;
#[path = "flows/first.rs"]
mod first;
#[path = "flows/orders.rs"]
mod orders;
#[path = "flows/state.rs"]
mod state;
