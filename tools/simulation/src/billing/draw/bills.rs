//! What is billed and what is paid.

use super::{DOORS, Drawing, fields};
use crate::billing::shop::Thing;
use serde_json::{Value, json};
use shared::model::Kind;
use std::sync::Arc;
use std::time::Duration;

const TYPES: [&str; 6] = [
    "installation",
    "pro_rata",
    "pro-rata",
    "equipment",
    "adjustment",
    "recurring",
];

impl Drawing<'_> {
    pub(super) fn invoice(&mut self, customer: &Thing, services: &[Arc<Thing>], came: Duration) -> Arc<Thing> {
        let n = self.number();
        let mut kind = self.chance.pick(&TYPES);
        if services.is_empty() && kind == "recurring" {
            kind = "adjustment";
        }
        let amount = self.amount();
        let mut first = fields(json!({
            "customer_id": customer.key.id, "number": format!("A-{}", 1000 + n), "type": kind, "amount": amount,
            "currency": "ZAR",
        }));
        if self.chance.per_mille(800) {
            first.insert("due_date".to_owned(), json!("2027-01-31"));
        }
        first.insert(
            "date".to_owned(),
            json!(self.chance.pick(&["2026-11-20", "2026-11-01", "2026-03-29"])),
        );
        if kind == "recurring" {
            let service = self.chance.pick(services);
            first.insert("service_id".to_owned(), json!(service.key.id));
        } else if self.chance.per_mille(300) {
            let stated = if self.chance.per_mille(300) { "1.00" } else { &amount };
            first.insert("amount".to_owned(), json!(stated));
            first.insert("lines".to_owned(), lines(&amount));
        }
        let wrong = first.get("amount") != Some(&json!(amount));
        let door = self.chance.pick(&DOORS);
        let invoice = self.shop.add(Kind::INVOICE, &format!("inv_{n}"), door, first);
        let at = self.around(came);
        self.begins(&invoice, at);
        if kind != "recurring" && self.chance.per_mille(150) {
            self.edit(&invoice, at, json!({"number": format!("B-{}", 1000 + n)}));
        }
        if wrong || self.chance.per_mille(250) {
            let amount = self.amount();
            let mended = at + self.chance.time(Duration::from_millis(500), Duration::from_secs(90));
            self.say(&invoice, mended, json!({"amount": amount, "lines": lines(&amount)}));
        }
        invoice
    }

    pub(super) fn payment(&mut self, customer: &Thing, pays: Option<&Thing>, came: Duration) {
        let n = self.number();
        let whole = pays.and_then(|it| it.first.get("amount").cloned());
        let amount = match whole {
            Some(amount) if self.chance.per_mille(600) => amount,
            _ => json!(self.amount()),
        };
        let status = self.chance.pick(&["completed", "completed", "completed", "pending"]);
        let mut first = fields(json!({
            "customer_id": customer.key.id, "amount": amount, "status": status, "currency": "ZAR",
            "method": self.chance.pick(&["eft", "card", "cash", "voucher"]),
            "date": self.chance.pick(&["2026-11-21", "2026-11-22"]),
        }));
        if let Some(invoice) = pays {
            first.insert("invoice_id".to_owned(), json!(invoice.key.id));
        }
        let door = self.chance.pick(&DOORS);
        let payment = self.shop.add(Kind::PAYMENT, &format!("pay_{n}"), door, first);
        let at = self.around(came);
        self.begins(&payment, at);
        let later = at + self.chance.time(Duration::from_millis(200), Duration::from_secs(60));
        if status == "pending" {
            let ends = self.chance.pick(&["completed", "completed", "failed"]);
            self.say(&payment, later, json!({"status": ends}));
        }
        if self.chance.per_mille(200) {
            // Only money that has come goes back.
            let refunded = match status {
                "completed" => json!({"status": "refunded"}),
                _ => json!({"amount": self.amount()}),
            };
            let change = [
                json!({"amount": self.amount()}),
                refunded,
                json!({"date": "2026-11-23"}),
            ];
            let change = self.chance.pick(&change);
            self.edit(&payment, at, change);
        }
    }
}

/// Two lines that come to an amount.
fn lines(amount: &str) -> Value {
    let rest: u64 = amount.split('.').next().and_then(|it| it.parse().ok()).unwrap_or(2);
    let cents = amount.split('.').nth(1).unwrap_or("00");
    json!([
        {"name": "Cable", "price": "25.00", "quantity": 2},
        {"name": "Work", "price": format!("{}.{cents}", rest.saturating_sub(50)), "quantity": 1},
    ])
}
