//! Flow 2, through its public doors: the HTTP API, the webhooks, the schedules, with the real handlers and the twins.

#[path = "billing/backfill.rs"]
mod backfill;
#[path = "billing/door.rs"]
mod door;
#[path = "billing/first.rs"]
mod first;
