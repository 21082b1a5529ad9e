//! What people do in the organisation, and what tests look at.

use serde_json::Value;

use super::error::Failure;
use super::kinds::Kind;
use super::state::{Change, Row};
use super::turn::Turn;
use super::value::{Write, checked};
use super::{ZohoBilling, objects, show, terms};
use crate::locked;

impl ZohoBilling {
    /// A person makes an object; the answer is its id. An invoice gets Zoho's next number and is a draft.
    ///
    /// # Errors
    /// Zoho's words, as the API would say them.
    pub fn insert(&self, kind: Kind, fields: &Value) -> Result<String, String> {
        self.by_hand(|turn| {
            let fields = checked(turn.settings, kind.fields(), Write::Create, fields)?;
            objects::add(turn, kind, fields).map(|row| name(kind, &row))
        })
    }

    /// A person changes fields of an object; any of them may be left out.
    ///
    /// # Errors
    /// Zoho's words, as the API would say them.
    pub fn edit(&self, kind: Kind, id: &str, fields: &Value) -> Result<(), String> {
        self.by_hand(|turn| {
            let row = turn.find(kind, id)?;
            let fields = checked(turn.settings, kind.fields(), Write::Edit, fields)?;
            objects::edit(turn, kind, row, fields).map(|_| ())
        })
    }

    /// A person deletes an object.
    ///
    /// # Errors
    /// When there is no such object.
    pub fn delete(&self, kind: Kind, id: &str) -> Result<(), String> {
        self.by_hand(|turn| {
            let row = turn.find(kind, id)?;
            if kind == Kind::Subscription {
                let object = show::whole(turn, kind, &row);
                turn.happened("subscription_deleted", kind, &object);
            }
            turn.state.change(Change::Deleted(kind, row.number));
            Ok(())
        })
    }

    /// Zoho's own synchronisation ties a customer to an account of Zoho CRM.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn link_with_crm(&self, customer: &str, account: &str) -> Result<(), String> {
        self.by_hand(|turn| {
            let mut row = turn.find(Kind::Customer, customer)?;
            row.set("zcrm_account_id", account);
            turn.keep(Kind::Customer, row);
            Ok(())
        })
    }

    /// All objects of a kind as `GET` shows each, oldest first.
    pub fn rows(&self, kind: Kind) -> Vec<Value> {
        let shown = self.by_hand(|turn| {
            let all = turn.state.all(kind);
            Ok(all.map(|row| show::whole(turn, kind, row)).collect())
        });
        shown.unwrap_or_default()
    }

    /// One object as `GET` shows it.
    pub fn row(&self, kind: Kind, id: &str) -> Option<Value> {
        let shown = self.by_hand(|turn| Ok(show::whole(turn, kind, &turn.find(kind, id)?)));
        shown.ok()
    }

    /// The plan and price that a subscription has from its next term on, where a change waits for it.
    pub fn coming(&self, subscription: &str) -> Option<(Value, Value)> {
        let state = locked(&self.0.state);
        let row = state.find(Kind::Subscription, subscription)?;
        let next = row.fields.get("_next").filter(|it| it.is_object())?;
        Some((next["_plan"].clone(), next["_price"].clone()))
    }

    /// What happened, as `event_type`, oldest first.
    pub fn happened(&self) -> Vec<String> {
        let state = locked(&self.0.state);
        state.events.iter().map(|event| event.kind.clone()).collect()
    }

    /// Zoho blocks the whole organisation for an hour, as after a burst of calls.
    pub fn block(&self) {
        let now = (self.0.front.now)();
        locked(&self.0.calls).block(now);
    }

    fn by_hand<T>(&self, act: impl FnOnce(&mut Turn<'_>) -> Result<T, Failure>) -> Result<T, String> {
        let mut state = locked(&self.0.state);
        let mut turn = Turn {
            settings: &self.0.settings,
            state: &mut state,
            now: (self.0.front.now)(),
            query: "",
            body: &Value::Null,
        };
        terms::pass(&mut turn);
        let result = act(&mut turn).map_err(|failure| failure.message().to_owned())?;
        state.sync().map_err(|error| error.to_string())?;
        Ok(result)
    }
}

fn name(kind: Kind, row: &Row) -> String {
    match kind {
        Kind::Plan => row.text("plan_code").to_owned(),
        _ => row.id(),
    }
}
