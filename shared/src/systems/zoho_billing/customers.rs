//! Customers (docs/vendors.md §2.4).

use super::Pace;
use super::objects::{CUSTOMERS, Page};
use super::values::{custom_value, text};
use super::{Found, ZohoBilling};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen, Written};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The fields that Zoho's schema demands of a customer, also when one is changed (§2.4).
const REQUIRED: [&str; 2] = ["display_name", "email"];

/// The custom field that carries our own id of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomField<'a> {
    /// Its label: custom fields are written and read by it (§2.4).
    pub label: &'a str,
    /// Our id.
    pub value: &'a str,
}

impl CustomField<'_> {
    /// The entry of `custom_fields` that sets it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({ "label": self.label, "value": self.value })
    }
}

/// What a look-up of a customer found.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// The custom field has our id: this one, none or several.
    Confirmed(Found),
    /// These have the e-mail and nobody's id in the custom field: somebody made them, and a person decides.
    Unconfirmed(Vec<String>),
}

/// Which customers have which e-mail: a list has no filter for it (§2.4), and a page costs a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerMap {
    by_email: BTreeMap<String, BTreeSet<String>>,
    asked: Timestamp,
}

impl CustomerMap {
    /// When its first page was asked for. What was made later may not be in it: after a lost answer only a map that is
    /// younger than the call and what it may take can say that nothing was made.
    #[must_use]
    pub fn asked(&self) -> Timestamp {
        self.asked
    }

    /// Takes a customer in that was made or read since.
    pub fn add(&mut self, customer: &Seen) {
        if let Some(email) = text(customer, "email") {
            let ids = self.by_email.entry(folded(email)).or_default();
            ids.insert(customer.id.clone());
        }
    }

    /// The ids of the customers with this e-mail, in whatever letters.
    pub fn ids(&self, email: &str) -> impl Iterator<Item = &str> {
        let ids = self.by_email.get(&folded(email));
        ids.into_iter().flatten().map(String::as_str)
    }
}

fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

impl ZohoBilling {
    /// Makes a customer. `fields` as Zoho names them, `display_name` and `email` among them.
    ///
    /// Write class: **findable** by [`ZohoBilling::find_customer`] in a map that is younger than the call, if `fields`
    /// carry our id in the custom field.
    ///
    /// # Errors
    /// `Rejected`, unsent, without the two; else as any write.
    pub async fn create_customer(&self, access: &Access, fields: &Map<String, Json>) -> Result<Written, CallError> {
        self.create(access, &CUSTOMERS, &[], &demanding(fields)?).await
    }

    /// Sets fields of a customer; `display_name` and `email` must be among them (§2.4).
    ///
    /// Write class: **keyed** on Zoho's own id: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such customer; `Rejected`, unsent, without the two; else as any write.
    pub async fn update_customer(
        &self,
        access: &Access,
        id: &str,
        fields: &Map<String, Json>,
    ) -> Result<Written, CallError> {
        self.update(access, &CUSTOMERS, id, &[], &demanding(fields)?).await
    }

    /// A customer, with custom fields.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn customer(&self, access: &Access, id: &str) -> Result<Seen, CallError> {
        self.read_one(access, &CUSTOMERS, id).await
    }

    /// A page of all customers, inactive ones too. Rows have no custom fields.
    ///
    /// # Errors
    /// As any read.
    pub async fn customers(&self, access: &Access, page: u32) -> Result<Page, CallError> {
        self.list(access, &CUSTOMERS, &[("filter_by", "Status.All")], page)
            .await
    }

    /// A page of the customers that Zoho's own synchronisation has tied to Zoho CRM. Rows do not tell it themselves:
    /// [`is_linked_with_crm`](super::values::is_linked_with_crm) of a single read does.
    ///
    /// # Errors
    /// As any read.
    pub async fn customers_of_crm(&self, access: &Access, page: u32) -> Result<Page, CallError> {
        self.list(access, &CUSTOMERS, &[("filter_by", "Status.Crm")], page)
            .await
    }

    /// The map of all customers, asked for from `now` on: a call for each 200 of them, each after `pace`.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; else as any read.
    pub async fn customer_map(
        &self,
        access: &Access,
        now: Timestamp,
        pace: &impl Pace,
    ) -> Result<CustomerMap, CallError> {
        let mut map = CustomerMap {
            by_email: BTreeMap::new(),
            asked: now,
        };
        let filter = [("filter_by", "Status.All")];
        let all = self.matching(access, &CUSTOMERS, &filter, |_| true, pace).await?;
        all.iter().for_each(|customer| map.add(customer));
        Ok(map)
    }

    /// The customer with this e-mail whose custom field has our id: a call for each one that the map has under the
    /// e-mail, each after `pace`. It knows what the map knows ([`CustomerMap::asked`]).
    ///
    /// # Errors
    /// What `pace` says; else as any read.
    pub async fn find_customer(
        &self,
        access: &Access,
        map: &CustomerMap,
        email: &str,
        ours: CustomField<'_>,
        pace: &impl Pace,
    ) -> Result<Match, CallError> {
        let mut found = Vec::new();
        for id in map.ids(email) {
            pace.before().await?;
            match self.customer(access, id).await {
                Ok(customer) => found.push(customer),
                // Deleted since the map was made.
                Err(CallError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(confirmed(found, ours))
    }
}

/// A customer with another's id is another's, whatever its e-mail.
fn confirmed(found: Vec<Seen>, ours: CustomField<'_>) -> Match {
    let of = |seen: &Seen| custom_value(seen, ours.label).map(str::to_owned);
    let (nobodys, owned): (Vec<_>, Vec<_>) = found.into_iter().partition(|seen| of(seen).is_none());
    let matching: Vec<Seen> = owned
        .into_iter()
        .filter(|seen| of(seen).as_deref() == Some(ours.value))
        .collect();
    match matching.is_empty() && !nobodys.is_empty() {
        true => Match::Unconfirmed(nobodys.into_iter().map(|seen| seen.id).collect()),
        false => Match::Confirmed(Found::of(matching)),
    }
}

fn demanding(fields: &Map<String, Json>) -> Result<Json, CallError> {
    let is_there = |name: &&str| fields.get(*name).and_then(super::values::trimmed).is_some();
    match REQUIRED.iter().find(|name| !is_there(name)) {
        Some(name) => Err(CallError::Rejected(format!("a customer without {name}"))),
        None => Ok(Json::Object(fields.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::zoho_billing::values::seen;

    fn customer(id: &str, ours: &str) -> Seen {
        let object =
            json!({"customer_id": id, "email": "A@b.c", "custom_fields": [{"label": "App ID", "value": ours}]});
        seen(&CUSTOMERS, &object).unwrap()
    }

    #[test]
    fn the_custom_field_decides() {
        let ours = CustomField {
            label: "App ID",
            value: "u-1",
        };
        let several = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let one = Match::Confirmed(Found::One(Box::new(customer("1", "u-1"))));
        for (found, expected) in [
            (vec![], Match::Confirmed(Found::Absent)),
            (vec![("2", "u-2")], Match::Confirmed(Found::Absent)),
            (vec![("1", "u-1")], one.clone()),
            (vec![("2", "u-2"), ("1", "u-1"), ("3", "")], one),
            (
                vec![("1", "u-1"), ("4", "u-1")],
                Match::Confirmed(Found::Several(several(&["1", "4"]))),
            ),
            (vec![("3", ""), ("2", "u-2")], Match::Unconfirmed(several(&["3"]))),
        ] {
            let customers = found.iter().map(|(id, ours)| customer(id, ours)).collect();
            assert_eq!(confirmed(customers, ours), expected, "{found:?}");
        }
    }

    #[test]
    fn a_map_knows_an_email_in_any_letters() {
        let mut map = CustomerMap {
            by_email: BTreeMap::new(),
            asked: Timestamp::UNIX_EPOCH,
        };
        map.add(&customer("2", ""));
        map.add(&customer("1", ""));
        map.add(&customer("1", ""));
        assert_eq!(map.ids(" a@B.c ").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(map.ids("x@b.c").count(), 0);
    }
}
