//! Flow 1, through its public doors: the HTTP API, the webhooks, the schedules, with the real handlers and the twins.

#[path = "flows/door.rs"]
mod door;
#[path = "flows/first.rs"]
mod first;
