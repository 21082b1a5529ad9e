//! What no compiler holds: the names, the template's settings, the arrows between modules, the size of files.
//!
//! Each check is a pure function from text to a list of problems, so that it can be shown to fail.

#[path = "tidy/alerts.rs"]
mod alerts;
#[path = "tidy/architecture.rs"]
mod architecture;
#[path = "tidy/billing.rs"]
mod billing;
#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/leads.rs"]
mod leads;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/openapi.rs"]
mod openapi;
#[path = "tidy/planted.rs"]
mod planted;
#[path = "tidy/queues.rs"]
mod queues;
#[path = "tidy/readme.rs"]
mod readme;
#[path = "tidy/secrets.rs"]
mod secrets;
#[path = "tidy/template.rs"]
mod template;
#[path = "tidy/tree.rs"]
mod tree;
