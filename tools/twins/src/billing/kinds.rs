//! The kinds of object, and the fields that each takes (docs/vendors.md §2.4).

use serde::{Deserialize, Serialize};

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A customer.
    Customer,
    /// A product.
    Product,
    /// A plan, named by its code.
    Plan,
    /// A subscription.
    Subscription,
    /// An invoice.
    Invoice,
    /// A payment.
    Payment,
}

/// The words for a kind: in paths, in answers, for its id, and for its operations in faults and log.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) many: &'static str,
    pub(crate) one: &'static str,
    pub(crate) id: &'static str,
    pub(crate) list: &'static str,
    pub(crate) get: &'static str,
    pub(crate) create: &'static str,
    pub(crate) update: &'static str,
}

macro_rules! names {
    ($one:literal, $id:literal) => {
        &Names {
            many: concat!($one, "s"),
            one: $one,
            id: $id,
            list: concat!("list_", $one, "s"),
            get: concat!("get_", $one),
            create: concat!("create_", $one),
            update: concat!("update_", $one),
        }
    };
}

pub(crate) const KINDS: [Kind; 6] = [
    Kind::Customer,
    Kind::Product,
    Kind::Plan,
    Kind::Subscription,
    Kind::Invoice,
    Kind::Payment,
];

impl Kind {
    pub(crate) fn names(self) -> &'static Names {
        match self {
            Kind::Customer => names!("customer", "customer_id"),
            Kind::Product => names!("product", "product_id"),
            Kind::Plan => names!("plan", "plan_code"),
            Kind::Subscription => names!("subscription", "subscription_id"),
            Kind::Invoice => names!("invoice", "invoice_id"),
            Kind::Payment => names!("payment", "payment_id"),
        }
    }

    /// The fields that it takes; any other is refused.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Kind::Customer => CUSTOMER,
            Kind::Product => PRODUCT,
            Kind::Plan => PLAN,
            Kind::Subscription => SUBSCRIPTION,
            Kind::Invoice => INVOICE,
            Kind::Payment => PAYMENT,
        }
    }
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Text,
    Id,
    Integer,
    /// An amount, rounded to the organisation's places.
    Money,
    Boolean,
    Date,
    Word(&'static [&'static str]),
    /// Custom fields of customers, by label.
    CustomFields,
    Object(&'static [Field]),
    /// A list of objects, at least so many.
    List(&'static [Field], usize),
}

/// Whether a call must, may or must not have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Must,
    May,
    Never,
}

/// A field that a kind takes.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) on_create: Need,
    pub(crate) on_update: Need,
}

const fn field(name: &'static str, shape: Shape, on_create: Need, on_update: Need) -> Field {
    Field {
        name,
        shape,
        on_create,
        on_update,
    }
}

const fn must(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Need::Must, Need::Must)
}

const fn may(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Need::May, Need::May)
}

const CUSTOMER: &[Field] = &[
    must("display_name", Shape::Text),
    must("email", Shape::Text),
    may("first_name", Shape::Text),
    may("last_name", Shape::Text),
    may("company_name", Shape::Text),
    may("phone", Shape::Text),
    may("mobile", Shape::Text),
    may("website", Shape::Text),
    may("billing_address", Shape::Object(ADDRESS)),
    may("shipping_address", Shape::Object(ADDRESS)),
    // Of a customer with transactions it can't be changed: here of none.
    field("currency_code", Shape::Text, Need::May, Need::Never),
    may("payment_terms", Shape::Integer),
    may("notes", Shape::Text),
    may("custom_fields", Shape::CustomFields),
];

const ADDRESS: &[Field] = &[
    may("attention", Shape::Text),
    may("street", Shape::Text),
    may("city", Shape::Text),
    may("state", Shape::Text),
    may("zip", Shape::Text),
    may("country", Shape::Text),
    may("state_code", Shape::Text),
    may("fax", Shape::Text),
];

const PRODUCT: &[Field] = &[
    must("name", Shape::Text),
    may("description", Shape::Text),
    may("email_ids", Shape::Text),
    may("redirect_url", Shape::Text),
];

const PLAN: &[Field] = &[
    must("plan_code", Shape::Text),
    must("name", Shape::Text),
    must("recurring_price", Shape::Money),
    must("interval", Shape::Integer),
    field("product_id", Shape::Id, Need::Must, Need::Never),
    may("interval_unit", Shape::Word(&["months", "years"])),
    may("billing_cycles", Shape::Integer),
    may("description", Shape::Text),
];

const SUBSCRIPTION: &[Field] = &[
    field("customer_id", Shape::Id, Need::Must, Need::Never),
    must("plan", Shape::Object(CHOSEN_PLAN)),
    may("reference_id", Shape::Text),
    may("auto_collect", Shape::Boolean),
    field("starts_at", Shape::Date, Need::May, Need::Never),
    field("end_of_term", Shape::Boolean, Need::Never, Need::May),
];

const CHOSEN_PLAN: &[Field] = &[
    must("plan_code", Shape::Text),
    may("price", Shape::Money),
    may("quantity", Shape::Integer),
    may("plan_description", Shape::Text),
];

const INVOICE: &[Field] = &[
    must("customer_id", Shape::Id),
    must("invoice_items", Shape::List(LINE, 1)),
    field("date", Shape::Date, Need::Must, Need::May),
    may("invoice_number", Shape::Text),
    may("reference_number", Shape::Text),
    may("due_date", Shape::Date),
    may("notes", Shape::Text),
    may("terms", Shape::Text),
];

const LINE: &[Field] = &[
    must("product_id", Shape::Id),
    must("quantity", Shape::Integer),
    may("price", Shape::Money),
    may("name", Shape::Text),
    may("description", Shape::Text),
    may("unit", Shape::Text),
];

const PAYMENT: &[Field] = &[
    must("customer_id", Shape::Id),
    must("payment_mode", Shape::Word(MODES)),
    must("amount", Shape::Money),
    field("invoices", Shape::List(APPLIED, 0), Need::May, Need::Must),
    may("date", Shape::Date),
    may("reference_number", Shape::Text),
    may("description", Shape::Text),
];

const MODES: &[&str] = &[
    "check",
    "cash",
    "creditcard",
    "banktransfer",
    "bankremittance",
    "autotransaction",
    "others",
];

const APPLIED: &[Field] = &[must("invoice_id", Shape::Id), must("amount_applied", Shape::Money)];
