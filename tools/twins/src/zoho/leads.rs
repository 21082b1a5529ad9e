//! All leads, with an index for each way in which they are found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::lead::Lead;
use super::value::folded;

/// An order in which leads can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Id,
    Created,
    Modified,
}

impl Order {
    /// The key of a lead in this order; ids break ties.
    pub(crate) fn key(self, lead: &Lead) -> Key {
        match self {
            Order::Id => (0, lead.id),
            Order::Created => (lead.created, lead.id),
            Order::Modified => (lead.modified, lead.id),
        }
    }
}

/// A place in an order.
pub(crate) type Key = (i64, u64);

/// The first id, of the form that Zoho's have.
const FIRST_ID: u64 = 5_725_767_000_000_411_001;

#[derive(Debug)]
pub(crate) struct Leads {
    rows: BTreeMap<u64, Lead>,
    orders: [BTreeSet<Key>; 3],
    /// Field → folded value → ids. Converted leads are left out: nothing finds them as duplicates.
    values: BTreeMap<String, BTreeMap<String, BTreeSet<u64>>>,
    next: u64,
}

impl Leads {
    pub(crate) fn new<'a>(indexed: impl Iterator<Item = &'a str>) -> Self {
        let values = indexed.map(|name| (name.to_owned(), BTreeMap::new())).collect();
        Self {
            rows: BTreeMap::new(),
            orders: Default::default(),
            values,
            next: FIRST_ID,
        }
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.next
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Lead> {
        self.rows.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Lead> {
        self.rows.values()
    }

    pub(crate) fn put(&mut self, lead: Lead) {
        self.remove(lead.id);
        self.next = self.next.max(lead.id + 1);
        for order in [Order::Id, Order::Created, Order::Modified] {
            self.orders[order as usize].insert(order.key(&lead));
        }
        for (field, index) in &mut self.values {
            if let Some(key) = key(&lead, field) {
                index.entry(key).or_default().insert(lead.id);
            }
        }
        self.rows.insert(lead.id, lead);
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Lead> {
        let lead = self.rows.remove(&id)?;
        for order in [Order::Id, Order::Created, Order::Modified] {
            self.orders[order as usize].remove(&order.key(&lead));
        }
        for (field, index) in &mut self.values {
            let Some(key) = key(&lead, field) else {
                continue;
            };
            if let Some(ids) = index.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    index.remove(&key);
                }
            }
        }
        Some(lead)
    }

    /// Whether [`Leads::find`] knows this field.
    pub(crate) fn indexes(&self, field: &str) -> bool {
        self.values.contains_key(field)
    }

    /// The unconverted leads with this (folded) value, oldest first.
    pub(crate) fn find<'a>(&'a self, field: &str, key: &str) -> impl Iterator<Item = u64> + use<'a> {
        self.values
            .get(field)
            .and_then(|index| index.get(key))
            .into_iter()
            .flatten()
            .copied()
    }

    /// Leads in an order, from just after a key.
    pub(crate) fn ordered<'a>(
        &'a self,
        order: Order,
        descending: bool,
        after: Option<Key>,
    ) -> Box<dyn Iterator<Item = &'a Lead> + 'a> {
        let index = &self.orders[order as usize];
        let bound = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = move |key: &Key| self.rows.get(&key.1);
        if descending {
            Box::new(index.range((Bound::Unbounded, bound)).rev().filter_map(rows))
        } else {
            Box::new(index.range((bound, Bound::Unbounded)).filter_map(rows))
        }
    }
}

fn key(lead: &Lead, field: &str) -> Option<String> {
    if lead.converted {
        return None;
    }
    lead.values.get(field).and_then(folded)
}
