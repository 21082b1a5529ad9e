//! Notification channels (docs/vendors.md §1.8): Zoho tells a URL of ours that records changed, by ids only.
//!
//! A channel lives a week at most, and an hour where its expiry is left out: it is always set.

use super::{Access, ZohoCrm, answer, codes, times};
use crate::systems::CallError;
use crate::systems::http::Effect;
use crate::systems::zoho_accounts::id;
use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value as Json, json};

/// More pages than channels that an organisation could have; an answer that never ends is not followed.
const MOST_PAGES: usize = 20;

/// A channel as we want it. `Debug` does not show the token.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Our number for it, unique for Zoho's user.
    pub channel_id: u64,
    /// What it tells of, such as `Leads.all`; at most 50.
    pub events: Vec<String>,
    /// Where it tells it: https, at most 255 characters.
    pub notify_url: String,
    /// Echoed in each call, and the only proof of who calls: Zoho signs nothing. At most 50 characters.
    pub token: SecretString,
    /// When it ends: at most a week from now.
    pub expiry: Timestamp,
}

/// A channel as Zoho has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Our number for it.
    pub channel_id: String,
    /// The module it watches.
    pub module: Option<String>,
    /// Where it tells it (in [`ZohoCrm::channels`] only).
    pub notify_url: Option<String>,
    /// When it ends.
    pub expiry: Option<Timestamp>,
}

impl ZohoCrm {
    /// Makes a channel.
    ///
    /// Write class: **findable** by [`ZohoCrm::channels`], as the number is ours; what Zoho says to a number that is
    /// taken is not documented, so look before making.
    ///
    /// # Errors
    /// As any write.
    pub async fn watch(&self, access: &Access, channel: &Channel) -> Result<Watched, CallError> {
        self.set_channel(Method::POST, access, channel).await
    }

    /// Replaces a channel's settings, its expiry above all.
    ///
    /// Write class: **keyed** on our number: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such channel (any more): make it; else as any write.
    pub async fn renew(&self, access: &Access, channel: &Channel) -> Result<Watched, CallError> {
        self.set_channel(Method::PUT, access, channel).await
    }

    /// All channels of this user, one entry for each module that a channel watches.
    ///
    /// # Errors
    /// As any read.
    pub async fn channels(&self, access: &Access) -> Result<Vec<Watched>, CallError> {
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let query = [("page", page.to_string()), ("per_page", "200".to_owned())];
            let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
            let Some(body) = self
                .read_json(self.get(access, &["actions", "watch"]).query(&query))
                .await?
            else {
                break;
            };
            found.extend(body["watch"].as_array().into_iter().flatten().filter_map(watched));
            if body["info"]["more_records"] != true {
                break;
            }
        }
        Ok(found)
    }

    /// Ends a channel.
    ///
    /// Write class: **keyed** on our number: it may be sent again, and is then `Gone`.
    ///
    /// # Errors
    /// `Gone` where there is no such channel; else as any write.
    pub async fn stop(&self, access: &Access, channel_id: u64) -> Result<(), CallError> {
        let request = self.change(Method::DELETE, access, &["actions", "watch"]);
        let response = self
            .send(request.query(&[("channel_ids", &channel_id.to_string())]))
            .await?;
        let results = answer::of_write(&response, "watch", 1)?;
        success(response.status().as_u16(), &results[0]).map(|_| ())
    }

    async fn set_channel(&self, method: Method, access: &Access, channel: &Channel) -> Result<Watched, CallError> {
        let request = self.change(method, access, &["actions", "watch"]);
        let response = self.send(request.json(&json!({ "watch": [wire(channel)] }))).await?;
        let results = answer::of_write(&response, "watch", 1)?;
        let details = success(response.status().as_u16(), &results[0])?;
        let confirmed = details["events"]
            .as_array()
            .and_then(|events| events.first())
            .and_then(watched);
        Ok(confirmed.unwrap_or(Watched {
            channel_id: channel.channel_id.to_string(),
            module: None,
            notify_url: None,
            expiry: None,
        }))
    }
}

/// The number goes as text: both forms are taken (§1.8), and text can't lose digits on its way.
fn wire(channel: &Channel) -> Json {
    json!({
        "channel_id": channel.channel_id.to_string(),
        "events": channel.events,
        "notify_url": channel.notify_url,
        "token": channel.token.expose_secret(),
        "channel_expiry": times::write(channel.expiry),
    })
}

fn success(status: u16, result: &Json) -> Result<&Json, CallError> {
    match result["status"] == "success" || result["code"] == "SUCCESS" {
        true => Ok(&result["details"]),
        false => Err(codes::refusal(Effect::Writes, status, None, result)),
    }
}

fn watched(event: &Json) -> Option<Watched> {
    let text = |name: &str| event[name].as_str().map(str::to_owned);
    Some(Watched {
        channel_id: id(&event["channel_id"])?,
        module: text("resource_name"),
        notify_url: text("notify_url"),
        expiry: event["channel_expiry"].as_str().and_then(times::read),
    })
}
