//! The functions: one module each, named for its trigger.

pub mod api_billing;
pub mod api_crons;
pub mod api_health;
pub mod api_leads;
pub mod api_sync;
pub mod cron_billing_pull;
pub mod cron_portal_pull;
pub mod cron_renew;
pub mod cron_sweep;
pub mod cron_zoho_crm_pull;
pub mod dead_letters;
pub mod process_webhook;
pub mod sync_app_status;
pub mod sync_backoffice_lead;
pub mod sync_billing_customer;
pub mod sync_billing_invoice;
pub mod sync_billing_payment;
pub mod sync_billing_plan;
pub mod sync_billing_product;
pub mod sync_billing_subscription;
pub mod sync_zoho_crm_lead;
pub mod webhook_netcash;
pub mod webhook_stripe;
pub mod webhook_supabase;
pub mod webhook_zoho_billing;
pub mod webhook_zoho_crm;

use shared::lambda::Handler;

/// Every function's name and handler, alphabetical.
pub const ALL: &[(&str, Handler)] = &[
    (
        "api_billing",
        Handler::Http(|app, request| Box::pin(api_billing::handle(app, request))),
    ),
    (
        "api_crons",
        Handler::Http(|app, request| Box::pin(api_crons::handle(app, request))),
    ),
    (
        "api_health",
        Handler::Http(|app, request| Box::pin(api_health::handle(app, request))),
    ),
    (
        "api_leads",
        Handler::Http(|app, request| Box::pin(api_leads::handle(app, request))),
    ),
    (
        "api_sync",
        Handler::Http(|app, request| Box::pin(api_sync::handle(app, request))),
    ),
    (
        "cron_billing_pull",
        Handler::Queue(|app, batch| Box::pin(cron_billing_pull::handle(app, batch))),
    ),
    (
        "cron_portal_pull",
        Handler::Queue(|app, batch| Box::pin(cron_portal_pull::handle(app, batch))),
    ),
    (
        "cron_renew",
        Handler::Queue(|app, batch| Box::pin(cron_renew::handle(app, batch))),
    ),
    (
        "cron_sweep",
        Handler::Queue(|app, batch| Box::pin(cron_sweep::handle(app, batch))),
    ),
    (
        "cron_zoho_crm_pull",
        Handler::Queue(|app, batch| Box::pin(cron_zoho_crm_pull::handle(app, batch))),
    ),
    (
        "dead_letters",
        Handler::Queue(|app, batch| Box::pin(dead_letters::handle(app, batch))),
    ),
    (
        "process_webhook",
        Handler::Queue(|app, batch| Box::pin(process_webhook::handle(app, batch))),
    ),
    (
        "sync_app_status",
        Handler::Queue(|app, batch| Box::pin(sync_app_status::handle(app, batch))),
    ),
    (
        "sync_backoffice_lead",
        Handler::Queue(|app, batch| Box::pin(sync_backoffice_lead::handle(app, batch))),
    ),
    (
        "sync_billing_customer",
        Handler::Queue(|app, batch| Box::pin(sync_billing_customer::handle(app, batch))),
    ),
    (
        "sync_billing_invoice",
        Handler::Queue(|app, batch| Box::pin(sync_billing_invoice::handle(app, batch))),
    ),
    (
        "sync_billing_payment",
        Handler::Queue(|app, batch| Box::pin(sync_billing_payment::handle(app, batch))),
    ),
    (
        "sync_billing_plan",
        Handler::Queue(|app, batch| Box::pin(sync_billing_plan::handle(app, batch))),
    ),
    (
        "sync_billing_product",
        Handler::Queue(|app, batch| Box::pin(sync_billing_product::handle(app, batch))),
    ),
    (
        "sync_billing_subscription",
        Handler::Queue(|app, batch| Box::pin(sync_billing_subscription::handle(app, batch))),
    ),
    (
        "sync_zoho_crm_lead",
        Handler::Queue(|app, batch| Box::pin(sync_zoho_crm_lead::handle(app, batch))),
    ),
    (
        "webhook_netcash",
        Handler::Http(|app, request| Box::pin(webhook_netcash::handle(app, request))),
    ),
    (
        "webhook_stripe",
        Handler::Http(|app, request| Box::pin(webhook_stripe::handle(app, request))),
    ),
    (
        "webhook_supabase",
        Handler::Http(|app, request| Box::pin(webhook_supabase::handle(app, request))),
    ),
    (
        "webhook_zoho_billing",
        Handler::Http(|app, request| Box::pin(webhook_zoho_billing::handle(app, request))),
    ),
    (
        "webhook_zoho_crm",
        Handler::Http(|app, request| Box::pin(webhook_zoho_crm::handle(app, request))),
    ),
];
