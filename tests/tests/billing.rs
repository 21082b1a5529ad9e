//! Flow 2, through its public doors: the HTTP API, the webhooks, the schedules, with the real handlers and the twins.

#[path = "billing/answers.rs"]
mod answers;
#[path = "billing/api.rs"]
mod api;
#[path = "billing/backfill.rs"]
mod backfill;
#[path = "billing/catalogue.rs"]
mod catalogue;
#[path = "billing/customers.rs"]
mod customers;
#[path = "billing/door.rs"]
mod door;
#[path = "billing/first.rs"]
mod first;
#[path = "billing/gaps.rs"]
mod gaps;
#[path = "billing/invoice_edits.rs"]
mod invoice_edits;
#[path = "billing/invoices.rs"]
mod invoices;
#[path = "billing/limits.rs"]
mod limits;
#[path = "billing/lost.rs"]
mod lost;
#[path = "billing/lost_edits.rs"]
mod lost_edits;
#[path = "billing/modes.rs"]
mod modes;
#[path = "billing/money.rs"]
mod money;
#[path = "billing/netcash.rs"]
mod netcash;
#[path = "billing/overtaken.rs"]
mod overtaken;
#[path = "billing/parents.rs"]
mod parents;
#[path = "billing/payments.rs"]
mod payments;
#[path = "billing/recurring.rs"]
mod recurring;
#[path = "billing/services.rs"]
mod services;
#[path = "billing/stripe.rs"]
mod stripe;
#[path = "billing/sync.rs"]
mod sync;
#[path = "billing/tied.rs"]
mod tied;
#[path = "billing/ways.rs"]
mod ways;
#[path = "billing/written_back.rs"]
mod written_back;
#[path = "billing/zoho.rs"]
mod zoho;
