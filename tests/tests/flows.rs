//! Flow 1, through its public doors: the HTTP API, the webhooks, the schedules, with the real handlers and the twins.

#[path = "flows/adopted.rs"]
mod adopted;
#[path = "flows/ask.rs"]
mod ask;
#[path = "flows/bad_input.rs"]
mod bad_input;
#[path = "flows/batches.rs"]
mod batches;
#[path = "flows/calls.rs"]
mod calls;
#[path = "flows/crash.rs"]
mod crash;
#[path = "flows/dead_letters.rs"]
mod dead_letters;
#[path = "flows/deliveries.rs"]
mod deliveries;
#[path = "flows/desk.rs"]
mod desk;
#[path = "flows/door.rs"]
mod door;
#[path = "flows/events.rs"]
mod events;
#[path = "flows/events_billing.rs"]
mod events_billing;
#[path = "flows/first.rs"]
mod first;
#[path = "flows/health.rs"]
mod health;
#[path = "flows/heard.rs"]
mod heard;
#[path = "flows/held_arrival.rs"]
mod held_arrival;
#[path = "flows/held_field.rs"]
mod held_field;
#[path = "flows/held_link.rs"]
mod held_link;
#[path = "flows/idempotency.rs"]
mod idempotency;
#[path = "flows/intake_faults.rs"]
mod intake_faults;
#[path = "flows/key_field.rs"]
mod key_field;
#[path = "flows/keys.rs"]
mod keys;
#[path = "flows/kinds.rs"]
mod kinds;
#[path = "flows/lost_slots.rs"]
mod lost_slots;
#[path = "flows/matching.rs"]
mod matching;
#[path = "flows/modes.rs"]
mod modes;
#[path = "flows/never.rs"]
mod never;
#[path = "flows/numbers.rs"]
mod numbers;
#[path = "flows/off.rs"]
mod off;
#[path = "flows/openapi.rs"]
mod openapi;
#[path = "flows/operator.rs"]
mod operator;
#[path = "flows/orders.rs"]
mod orders;
#[path = "flows/other_keys.rs"]
mod other_keys;
#[path = "flows/others.rs"]
mod others;
#[path = "flows/outages.rs"]
mod outages;
#[path = "flows/parking.rs"]
mod parking;
#[path = "flows/pulls.rs"]
mod pulls;
#[path = "flows/retry.rs"]
mod retry;
#[path = "flows/reverted.rs"]
mod reverted;
#[path = "flows/safe_logs.rs"]
mod safe_logs;
#[path = "flows/seen_before.rs"]
mod seen_before;
#[path = "flows/state.rs"]
mod state;
#[path = "flows/status_words.rs"]
mod status_words;
#[path = "flows/toy.rs"]
mod toy;
#[path = "flows/truth.rs"]
mod truth;
#[path = "flows/webhooks.rs"]
mod webhooks;
