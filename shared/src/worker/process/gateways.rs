//! What payment gateways announce: Netcash is asked before its word counts, Stripe has signed it.

use super::not_read;
use crate::app::App;
use crate::billing::words::{COMPLETED, REFUNDED};
use crate::intake::Ended;
use crate::intake::stripe::{Event, Meaning, Payment, meaning};
use crate::model::System;
use crate::sync::accept::Accepted;
use crate::sync::billing::{Word, take_word};
use crate::systems::netcash::{Postback, paid_by};
use anyhow::Result;
use serde_json::Value as Json;

/// A trace that Netcash does not know may still come to be known; after so many looks it is somebody's invention.
const MOST_LOOKS: u32 = 5;

/// The postback is a hint of which transaction to ask for, and nothing else.
pub(super) async fn netcash(app: &App, body: &Json, looks: u32) -> Result<Ended> {
    let Ok(postback) = serde_json::from_value::<Postback>(body.clone()) else {
        return Ok(Ended::Unreadable("no postback".into()));
    };
    let Some(client) = &app.netcash else {
        return Ok(Ended::Later("Netcash is not configured".into()));
    };
    let transaction = match client.check(&postback.trace).await {
        Ok(Some(transaction)) => transaction,
        Ok(None) if looks < MOST_LOOKS => return Ok(Ended::Later("Netcash does not know the transaction yet".into())),
        Ok(None) => return Ok(Ended::Unreadable("Netcash knows no such transaction".into())),
        Err(error) => return Ok(not_read(&error)),
    };
    if !transaction.accepted {
        return Ok(match postback.accepted {
            true => Ended::Later("Netcash has not accepted it yet".into()),
            // Declined, or an EFT that is still to come: that announces itself.
            false => Ended::Applied,
        });
    }
    let word = Word {
        gateway: System::NETCASH,
        transaction: transaction.trace,
        payment: transaction.reference,
        amount: Some(transaction.amount),
        currency: None,
        method: Some(paid_by(&transaction.method).word().to_owned()),
        status: COMPLETED,
    };
    taken(app, word).await
}

pub(super) async fn stripe(app: &App, body: &Json) -> Result<Ended> {
    let event = match Event::parse(body) {
        Ok(event) => event,
        Err(why) => return Ok(Ended::Unreadable(why)),
    };
    match meaning(&event) {
        Ok(Meaning::Paid(payment)) => {
            let amount = Some(payment.amount);
            taken(app, of_stripe(payment, amount, COMPLETED)).await
        }
        Ok(Meaning::Refunded(payment) | Meaning::Disputed(payment)) => {
            taken(app, of_stripe(payment, None, REFUNDED)).await
        }
        Ok(Meaning::Ignored(why)) => {
            tracing::debug!(why, "event of Stripe left alone");
            Ok(Ended::Applied)
        }
        Err(why) => Ok(Ended::Unreadable(why)),
    }
}

/// A payment without our reference is held under Stripe's own id of it.
fn of_stripe(payment: Payment, amount: Option<rust_decimal::Decimal>, status: &'static str) -> Word {
    let own = payment.reference.unwrap_or_else(|| payment.transaction.clone());
    Word {
        gateway: System::STRIPE,
        transaction: payment.transaction,
        payment: own,
        amount,
        currency: Some(payment.currency).filter(|_| amount.is_some()),
        method: amount.map(|_| "creditcard".to_owned()),
        status,
    }
}

async fn taken(app: &App, word: Word) -> Result<Ended> {
    Ok(match take_word(app, word).await? {
        Accepted::Later { key, .. } => Ended::Later(format!("{key} is being written")),
        _ => Ended::Applied,
    })
}
