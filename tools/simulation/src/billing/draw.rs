//! What the app does in a history, drawn from its seed: in any order, for nothing says that a customer is told of before
//! the payment that she makes.

mod bills;

use super::deeds::{What, step};
use super::shop::{Door, Shop, Thing};
use crate::chance::Chance;
use crate::flow::Step;
use serde_json::{Map, Value, json};
use shared::model::Kind;
use std::sync::Arc;
use std::time::Duration;

/// Draws a handful of customers, what they have and what they pay.
pub(super) fn draw(shop: &Shop, chance: &Chance, span: Duration) -> Vec<Step> {
    let mut drawing = Drawing {
        shop,
        chance,
        span,
        numbers: 0,
        steps: Vec::new(),
    };
    drawing.catalogue();
    for _ in 0..chance.between(1, 2) {
        drawing.family();
    }
    drawing.steps
}

struct Drawing<'a> {
    shop: &'a Shop,
    chance: &'a Chance,
    span: Duration,
    numbers: u64,
    steps: Vec<Step>,
}

const DOORS: [Door; 5] = [Door::Api, Door::Api, Door::Table, Door::Both, Door::Both];
const AMOUNTS: [u64; 4] = [100, 250, 599, 1499];

impl Drawing<'_> {
    /// What is sold: it comes by the API only.
    fn catalogue(&mut self) {
        let at = self.chance.time(Duration::ZERO, self.span / 2);
        let product = fields(json!({"name": "Fibre", "description": "to the home"}));
        let product = self.shop.add(Kind::PRODUCT, "prod_1", Door::Api, product);
        self.begins(&product, at);
        if self.chance.per_mille(150) {
            self.shop.made_by_hand(&product);
        } else if self.chance.per_mille(200) {
            self.edit(&product, at, json!({"name": "Fibre to the home"}));
        }
        for n in 1..=self.chance.between(1, 2) {
            let first = json!({"product_id": "prod_1", "name": format!("Fibre {n}00"), "price": self.amount()});
            let plan = self
                .shop
                .add(Kind::PLAN, &format!("plan-{n}"), Door::Api, fields(first));
            let at = self.around(at);
            self.begins(&plan, at);
            if self.chance.per_mille(300) {
                let change = json!({"price": self.amount()});
                self.edit(&plan, at, change);
            }
        }
    }

    /// A customer with services, invoices and payments, each often before what it belongs to.
    fn family(&mut self) {
        let came = self.chance.time(Duration::ZERO, self.span / 2);
        let customer = self.customer(came);
        let services: Vec<_> = (0..self.chance.between(0, 2))
            .map(|_| self.service(&customer, came))
            .collect();
        let invoices: Vec<_> = (0..self.chance.between(0, 3))
            .map(|_| self.invoice(&customer, &services, came))
            .collect();
        for _ in 0..self.chance.between(0, 3) {
            let of_none = [None];
            let choice: Vec<Option<&Arc<Thing>>> = invoices.iter().map(Some).chain(of_none).collect();
            let pays = self.chance.pick(&choice);
            self.payment(&customer, pays.map(AsRef::as_ref), came);
        }
    }

    fn customer(&mut self, came: Duration) -> Arc<Thing> {
        let n = self.number();
        let shared = self.chance.per_mille(150);
        let email = if shared {
            "estate@example.com".to_owned()
        } else {
            format!("c{n}@example.com")
        };
        let first = json!({
            "email": email, "first_name": "Nandi", "last_name": format!("Zulu {n}"), "name": format!("Zulu Traders {n}"),
            "city": "Cape Town", "country": "South Africa", "currency": "ZAR",
        });
        let door = self.chance.pick(&DOORS);
        let customer = self.shop.add(Kind::CUSTOMER, &format!("user_{n}"), door, fields(first));
        self.begins(&customer, came);
        let by_hand = !shared && self.chance.per_mille(150);
        if by_hand {
            self.shop.made_by_hand(&customer);
        }
        for _ in 0..self.chance.between(0, 2) {
            let k = self.number();
            let change = match self.chance.between(0, 3) {
                // Who was made by hand is known there by the address only.
                0 if !by_hand => json!({"email": format!("c{n}.{k}@example.com")}),
                1 => json!({"city": format!("Town {k}")}),
                2 => json!({"name": format!("Zulu Traders {n}.{k}")}),
                _ => json!({"phone": format!("+27 21 555 {k:04}")}),
            };
            self.edit(&customer, came, change);
        }
        customer
    }

    fn service(&mut self, customer: &Thing, came: Duration) -> Arc<Thing> {
        let n = self.number();
        let plans = self.shop.of(&Kind::PLAN);
        let plan = self.chance.pick(&plans).key.id.clone();
        let status = self.chance.pick(&["pending", "pending", "active"]);
        let mut first = fields(json!({
            "customer_id": customer.key.id, "plan_id": plan, "status": status, "price": self.amount(),
        }));
        if self.chance.per_mille(300) {
            let begins = self.chance.pick(&["2025-01-31", "2026-02-10", "2027-01-15"]);
            first.insert("start_date".to_owned(), json!(begins));
        }
        let door = self.chance.pick(&DOORS);
        let service = self.shop.add(Kind::SERVICE, &format!("svc_{n}"), door, first);
        let at = self.around(came);
        self.begins(&service, at);
        if status == "pending" && self.chance.per_mille(850) {
            let later = at + self.chance.time(Duration::ZERO, Duration::from_secs(40));
            let key = self.key();
            self.steps.push(step(later, &service, What::Activate, key));
        }
        if self.chance.per_mille(400) {
            let ends = at + self.chance.time(Duration::from_secs(1), self.span / 2);
            self.say(&service, ends, json!({"status": "cancelled"}));
            if self.chance.per_mille(600) {
                let again = ends + self.chance.time(Duration::from_millis(200), self.span / 2);
                self.say(&service, again, json!({"status": "active"}));
            }
        }
        for _ in 0..self.chance.between(0, 2) {
            let plan = self.chance.pick(&plans).key.id.clone();
            let change = self
                .chance
                .pick(&[json!({"price": self.amount()}), json!({"plan_id": plan})]);
            self.edit(&service, at, change);
        }
        service
    }

    fn begins(&mut self, thing: &Arc<Thing>, at: Duration) {
        self.say(thing, at, json!({}));
        if self.chance.per_mille(250) {
            let again = at + self.chance.time(Duration::ZERO, Duration::from_secs(30));
            self.steps.push(step(again, thing, What::Again, None));
        }
    }

    /// Many edits come in bursts: while the first call about a thing is under way.
    fn edit(&mut self, thing: &Arc<Thing>, from: Duration, change: Value) {
        let rest = self.span.saturating_sub(from);
        let most = if self.chance.per_mille(500) {
            Duration::from_secs(4)
        } else {
            rest
        };
        let at = from + self.chance.time(Duration::from_millis(1), most);
        self.say(thing, at, change);
    }

    fn say(&mut self, thing: &Arc<Thing>, at: Duration, change: Value) {
        let key = self.key();
        self.steps.push(step(at, thing, What::Say(fields(change)), key));
    }

    /// A key for a call of its own; some callers have none.
    fn key(&mut self) -> Option<String> {
        let number = self.number();
        self.chance.per_mille(600).then(|| format!("key {number}"))
    }

    fn amount(&self) -> String {
        format!("{}.{}0", self.chance.pick(&AMOUNTS), self.chance.between(0, 2))
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// As often before as after.
    fn around(&self, at: Duration) -> Duration {
        let apart = self.chance.time(Duration::ZERO, Duration::from_secs(20));
        match self.chance.per_mille(500) {
            true => at.saturating_sub(apart),
            false => at + apart,
        }
    }
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
