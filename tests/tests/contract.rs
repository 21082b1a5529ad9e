//! Each system's client against its twin, which keeps the vendor's rules and faults.

#[path = "contract/netcash.rs"]
mod netcash;
#[path = "contract/reqwest.rs"]
mod reqwest;
#[path = "contract/supabase.rs"]
mod supabase;
#[path = "contract/transport.rs"]
mod transport;
#[path = "contract/zoho_accounts.rs"]
mod zoho_accounts;
#[path = "contract/zoho_billing.rs"]
mod zoho_billing;
#[path = "contract/zoho_billing_catalogue.rs"]
mod zoho_billing_catalogue;
#[path = "contract/zoho_billing_faults.rs"]
mod zoho_billing_faults;
#[path = "contract/zoho_billing_limits.rs"]
mod zoho_billing_limits;
#[path = "contract/zoho_billing_money.rs"]
mod zoho_billing_money;
#[path = "contract/zoho_billing_payments.rs"]
mod zoho_billing_payments;
#[path = "contract/zoho_crm.rs"]
mod zoho_crm;
#[path = "contract/zoho_crm_faults.rs"]
mod zoho_crm_faults;
#[path = "contract/zoho_crm_reads.rs"]
mod zoho_crm_reads;
