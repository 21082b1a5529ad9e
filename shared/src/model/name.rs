//! The names of things: kinds, systems, classes, and the key of a record.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// A name known when the program is built.
            #[must_use]
            pub const fn of(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// A name read from a key, a message or a command.
            #[must_use]
            pub fn read(name: &str) -> Self {
                Self(Cow::Owned(name.to_owned()))
            }

            /// The name as it stands in keys, logs and on screen.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// What sort of thing a record is: `lead`, later `customer`, `order` …
    Kind
);
name!(
    /// An outside system: `zoho_crm`, `backoffice`, `portal` …
    System
);

impl Kind {
    /// Somebody who buys.
    pub const CUSTOMER: Kind = Kind::of("customer");
    /// What a customer is asked to pay.
    pub const INVOICE: Kind = Kind::of("invoice");
    /// A person who may become a customer.
    pub const LEAD: Kind = Kind::of("lead");
    /// Money that a customer paid.
    pub const PAYMENT: Kind = Kind::of("payment");
    /// At what price a product is sold.
    pub const PLAN: Kind = Kind::of("plan");
    /// What is sold.
    pub const PRODUCT: Kind = Kind::of("product");
    /// What a customer has of a plan: a subscription, in Zoho Billing's word.
    pub const SERVICE: Kind = Kind::of("service");
}

impl System {
    /// The business's app (its own Supabase): read; the source of truth of what is billed.
    pub const APP: System = System::of("app");
    /// The columns of the app's own tables in which Concord says how its rows stand in Zoho Billing: written only.
    pub const APP_STATUS: System = System::of("app_status");
    /// The business's back office (its own Supabase): a mirror.
    pub const BACKOFFICE: System = System::of("backoffice");
    /// Netcash, a payment gateway: a source of what a payment says.
    pub const NETCASH: System = System::of("netcash");
    /// The payment gateways: each may tell of any payment.
    pub const GATEWAYS: [System; 2] = [Self::NETCASH, Self::STRIPE];
    /// A person at the command line: no system, yet a source of what a record says.
    pub const OPERATOR: System = System::of("operator");
    /// The sales portal (its own Supabase): read, never written.
    pub const PORTAL: System = System::of("portal");
    /// Stripe, a payment gateway: a source of what a payment says.
    pub const STRIPE: System = System::of("stripe");
    /// Zoho Billing.
    pub const ZOHO_BILLING: System = System::of("zoho_billing");
    /// Zoho CRM.
    pub const ZOHO_CRM: System = System::of("zoho_crm");
}

/// Which work goes first in a system: the smaller digit. A stated class is raised, never lowered, while work is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Class(pub u8);

impl Class {
    /// Today's changes.
    pub const LIVE: Class = Class(0);
    /// A backfill's changes: they yield to live traffic.
    pub const BACKFILL: Class = Class(9);
}

/// A record's address: its kind and its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// The kind of record.
    pub kind: Kind,
    /// The record's id.
    pub id: String,
}

impl RecordKey {
    /// The key of the record `id` of `kind`.
    #[must_use]
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Reads `kind#id`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('#')?;
        (!kind.is_empty() && !id.is_empty()).then(|| Self::new(Kind::read(kind), id))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.kind, self.id)
    }
}
