//! Tables of cases: what each rule says of a record that Zoho Billing does not have, has, or may have.

use super::*;
use crate::model::{Fields, Intent, Kind, RecordKey, System};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A record with these fields and keys; `+` before a name: a number, `?`: yes or no.
fn record(kind: Kind, fields: &[(&str, &str)], keys: &[&str]) -> Record {
    let field = |(name, value): &(&str, &str)| match name.split_at(1) {
        ("+", name) => (name.to_owned(), Value::Decimal(value.parse().unwrap())),
        ("?", name) => (name.to_owned(), Value::Boolean(*value == "yes")),
        _ => ((*name).to_owned(), Value::text(value)),
    };
    let at = Timestamp::UNIX_EPOCH;
    Record {
        key: RecordKey::new(kind, "1"),
        version: 1,
        fields: fields.iter().map(field).collect(),
        keys: keys
            .iter()
            .map(|it| ((*it).to_owned(), "x".to_owned()))
            .collect::<BTreeMap<_, _>>(),
        changed_at: at,
        made_at: at,
        origin: System::APP,
        row_made: None,
        unconfirmed: false,
    }
}

fn link(record: &Record) -> Link {
    Link::new(record.key.clone(), System::ZOHO_BILLING)
}

/// Links of what may be there: known, under way, of a call without an answer.
fn may_be(record: &Record) -> Vec<Link> {
    let intent = Intent {
        attempt: "1".into(),
        what: "create".into(),
        at: Timestamp::UNIX_EPOCH,
        sends: Fields::from([("name".into(), Value::text("x"))]),
    };
    let under_way = Link {
        intent: Some(intent),
        ..link(record)
    };
    let mut unsure = under_way.clone();
    unsure.doubt();
    let syncing = Link {
        status: Status::Syncing,
        ..link(record)
    };
    vec![under_way, unsure, syncing]
}

fn is_there(record: &Record) -> Link {
    Link {
        remote_id: Some("9".into()),
        ..link(record)
    }
}

/// The outcome's name and its reason.
fn said(record: &Record, link: &Link) -> String {
    match rule(record, link) {
        None => "goes".to_owned(),
        Some(outcome) => format!("{}: {}", outcome.name(), outcome.why().unwrap_or_default()),
    }
}

#[test]
fn what_a_record_can_not_go_without() {
    let customer = |fields: &[(&str, &str)]| record(Kind::CUSTOMER, fields, &[]);
    let plan = |fields: &[(&str, &str)], keys: &[&str]| record(Kind::PLAN, fields, keys);
    for (record, expected) in [
        (customer(&[("email", "a@b.c"), ("name", "A")]), "goes"),
        (customer(&[("name", "A")]), "failed: email: is missing"),
        (
            customer(&[("email", "a@b.c"), ("name", "")]),
            "failed: name: is missing",
        ),
        (record(Kind::PRODUCT, &[], &[]), "failed: name: is missing"),
        (plan(&[("name", "A"), ("+price", "0")], &["product_id"]), "goes"),
        (
            plan(&[("name", "A"), ("+price", "1")], &[]),
            "failed: product_id: is missing",
        ),
        (plan(&[("name", "A")], &["product_id"]), "failed: price: is missing"),
        (record(Kind::LEAD, &[], &[]), "goes"),
    ] {
        assert_eq!(said(&record, &link(&record)), expected, "{:?}", record.key.kind);
    }
}

#[test]
fn what_is_not_published_or_not_active_stays_out_until_it_may_be_there() {
    for (record, expected) in [
        (
            record(Kind::PRODUCT, &[("name", "A"), ("?published", "no")], &[]),
            "skipped: not published",
        ),
        (
            record(
                Kind::PLAN,
                &[("name", "A"), ("+price", "1"), ("?published", "no")],
                &["product_id"],
            ),
            "skipped: not published",
        ),
        (
            record(Kind::SERVICE, &[("status", "pending")], &["customer_id", "plan_id"]),
            "skipped: not active, and never was in Zoho Billing",
        ),
        (
            record(Kind::SERVICE, &[], &["customer_id", "plan_id"]),
            "skipped: not active, and never was in Zoho Billing",
        ),
    ] {
        assert_eq!(said(&record, &link(&record)), expected);
        for link in may_be(&record).iter().chain([&is_there(&record)]) {
            assert_eq!(said(&record, link), "goes", "{:?}", record.key.kind);
        }
    }
    let active = record(Kind::SERVICE, &[("status", "active")], &["customer_id"]);
    assert_eq!(said(&active, &link(&active)), "failed: plan_id: is missing");
}

#[test]
fn invoices() {
    const ONE: &str = r#"[{"price":"5.00","quantity":1}]"#;
    const FAR: &str = r#"[{"price":"79228162514264337593543950335","quantity":2}]"#;
    let of = |fields: &[(&str, &str)]| {
        let usual = [("number", "A"), ("date", "2026-11-21")];
        let record = record(Kind::INVOICE, &[&usual[..], fields].concat(), &["customer_id"]);
        said(&record, &link(&record))
    };
    for (fields, expected) in [
        (
            &[("type", "installation"), ("lines", ONE), ("+amount", "5")][..],
            "goes",
        ),
        (&[("type", "pro_rata"), ("lines", ONE), ("+amount", "5.000")], "goes"),
        (&[("type", "equipment"), ("lines", ONE)], "goes"),
        (
            &[("type", "adjustment"), ("lines", ONE), ("+amount", "5.01")],
            "failed: amount: is 5.01, and the lines come to 5",
        ),
        (
            &[("type", "adjustment"), ("lines", FAR), ("+amount", "5")],
            "failed: amount: is 5, and the lines come to more than can be counted",
        ),
        (&[("type", "equipment")], "failed: lines: is missing"),
        (
            &[("type", "recurring")],
            "skipped: recurring: Zoho Billing makes it of the subscription",
        ),
        (
            &[("type", "deposit"), ("lines", ONE)],
            "failed: type: \"deposit\" is none of installation, pro_rata, equipment, adjustment, recurring",
        ),
        (
            &[],
            "failed: type: \"\" is none of installation, pro_rata, equipment, adjustment, recurring",
        ),
    ] {
        assert_eq!(of(fields), expected, "{fields:?}");
    }
}

#[test]
fn payments() {
    const REFUND: &str = "held: refunded or reversed: what becomes of it in Zoho Billing is for a person";
    const CHANGED: &str = "held: changed in the app after it was recorded in Zoho Billing";
    for (status, amount, new, unsure, there) in [
        ("completed", "5", "goes", "goes", CHANGED),
        ("pending", "5", "skipped: not completed", "goes", CHANGED),
        ("", "5", "skipped: not completed", "goes", CHANGED),
        ("refunded", "5", REFUND, REFUND, REFUND),
        ("completed", "-5", REFUND, REFUND, REFUND),
        (
            "completed",
            "0",
            "skipped: nothing was paid",
            "skipped: nothing was paid",
            CHANGED,
        ),
    ] {
        let fields = [("status", status), ("+amount", amount), ("date", "2026-11-21")];
        let record = record(Kind::PAYMENT, &fields, &["customer_id"]);
        assert_eq!(said(&record, &link(&record)), new, "{status} {amount}");
        assert_eq!(said(&record, &is_there(&record)), there, "{status} {amount}");
        for link in may_be(&record) {
            assert_eq!(said(&record, &link), unsure, "{status} {amount}");
        }
    }
    for (fields, keys, lacks) in [
        (
            &[("status", "completed"), ("+amount", "5")][..],
            &["customer_id"][..],
            "date",
        ),
        (
            &[("status", "completed"), ("date", "2026-11-21")],
            &["customer_id"],
            "amount",
        ),
        (
            &[("status", "completed"), ("+amount", "5"), ("date", "2026-11-21")],
            &[],
            "customer_id",
        ),
    ] {
        let record = record(Kind::PAYMENT, fields, keys);
        assert_eq!(said(&record, &link(&record)), format!("failed: {lacks}: is missing"));
    }
}
