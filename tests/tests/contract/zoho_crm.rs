//! Leads, fields and channels, while Zoho behaves.

use crate::transport::{http, now, start};
use serde_json::{Value as Json, json};
use shared::systems::http::Base;
use shared::systems::zoho_accounts::{Access, Credentials, refresh};
use shared::systems::zoho_crm::{Channel, ZohoCrm};
use shared::systems::{Action, CallError, Write};
use std::time::Duration;
use twins::zoho::Settings;

pub const CHECKS: [&str; 2] = ["Portal_Lead_ID", "Email"];
pub const QUIET: Option<&[String]> = Some(&[]);

/// An org with our client and a fresh token.
pub struct Org {
    pub twin: twins::ZohoCrm,
    pub crm: ZohoCrm,
    pub access: Access,
}

pub async fn org(settings: Settings) -> Org {
    org_of(twins::ZohoCrm::new(settings, now())).await
}

/// This org with a fresh token.
pub async fn org_of(twin: twins::ZohoCrm) -> Org {
    let http = http(twin.clone());
    let credentials = Credentials {
        client_id: "1000.TWIN".to_owned(),
        client_secret: "twin-client-secret".into(),
        refresh_token: "1000.twin.refresh".into(),
    };
    let accounts = Base::parse("https://accounts.zoho.eu").unwrap();
    let minted = refresh(&http, &accounts, &credentials).await.unwrap();
    let access = Access {
        token: minted.access_token,
        api_domain: minted.api_domain,
    };
    Org {
        twin,
        crm: ZohoCrm::new(http, Base::parse("https://www.zohoapis.eu").unwrap()),
        access,
    }
}

pub fn write(id: Option<&str>, fields: Json) -> Write {
    Write {
        id: id.map(str::to_owned),
        fields: fields.as_object().unwrap().clone(),
    }
}

pub fn lead(n: usize) -> Json {
    json!({"Last_Name": "Borg", "Email": format!("lead{n}@example.com"), "Portal_Lead_ID": format!("portal-{n}")})
}

#[tokio::test(start_paused = true)]
async fn an_upsert_inserts_then_updates_by_the_first_check_that_finds() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let first = crm
        .upsert(&access, "Leads", &[write(None, lead(1))], &CHECKS, None)
        .await
        .unwrap();
    let first = first[0].clone().unwrap();
    assert_eq!(first.action, Action::Inserted);
    assert_eq!(first.modified, Some(start()));
    assert_eq!(twin.workflow_runs(), 1);

    let again = [
        write(
            None,
            json!({"Last_Name": "Borg", "Email": "LEAD1@example.com", "City": "Mdina"}),
        ),
        write(None, lead(2)),
    ];
    let results = crm.upsert(&access, "Leads", &again, &CHECKS, QUIET).await.unwrap();
    let (adopted, new) = (results[0].as_ref().unwrap(), results[1].as_ref().unwrap());
    assert_eq!(
        (adopted.id.as_str(), adopted.action),
        (first.id.as_str(), Action::Updated)
    );
    assert_eq!(new.action, Action::Inserted);
    assert_eq!(twin.workflow_runs(), 1, "an empty trigger runs no workflows");
    assert_eq!(twin.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn each_record_of_a_batch_has_its_own_end() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let known = twin.insert_lead(lead(1)).unwrap();
    let other = twin.insert_lead(lead(2)).unwrap();
    let converted = twin.insert_lead(lead(3)).unwrap();
    twin.convert(&converted).unwrap();
    let results = crm
        .update(
            &access,
            "Leads",
            &[
                write(Some(&known), json!({"City": "Mdina"})),
                write(Some("5725767000000999999"), json!({"City": "Mdina"})),
                write(Some(&converted), json!({"City": "Mdina"})),
                write(Some(&other), json!({"Portal_Lead_ID": "portal-1"})),
                write(Some(&other), json!({"Email": "no address"})),
            ],
            QUIET,
        )
        .await
        .unwrap();
    assert_eq!(results[0].as_ref().unwrap().id, known);
    assert!(matches!(results[1], Err(CallError::Gone(_))), "{:?}", results[1]);
    assert!(matches!(results[2], Err(CallError::Held(_))), "{:?}", results[2]);
    assert!(
        matches!(&results[3], Err(CallError::Exists { id: Some(id), .. }) if *id == known),
        "{:?}",
        results[3]
    );
    assert!(matches!(results[4], Err(CallError::Rejected(_))), "{:?}", results[4]);
    assert_eq!(twin.lead(&known).unwrap()["City"], "Mdina");
}

#[tokio::test(start_paused = true)]
async fn an_update_yields_to_one_made_since_the_read() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let id = twin.insert_lead(lead(1)).unwrap();
    let read = crm
        .read(&access, "Leads", &["City"], std::slice::from_ref(&id))
        .await
        .unwrap();
    let change = write(Some(&id), json!({"City": "Mdina"}));
    assert!(
        crm.update_one(&access, "Leads", &change, read[0].modified, QUIET)
            .await
            .is_ok()
    );

    tokio::time::advance(Duration::from_secs(5)).await;
    twin.edit(&id, json!({"City": "Rabat"})).unwrap();
    let late = crm.update_one(&access, "Leads", &change, read[0].modified, QUIET).await;
    assert!(matches!(late, Err(CallError::Modified(_))), "{late:?}");
    assert_eq!(twin.lead(&id).unwrap()["City"], "Rabat");
    let nobody = write(Some("5725767000000999999"), json!({"City": "Mdina"}));
    let gone = crm.update_one(&access, "Leads", &nobody, None, QUIET).await;
    assert!(matches!(gone, Err(CallError::Gone(_))), "{gone:?}");
}

#[tokio::test(start_paused = true)]
async fn fields_tell_whether_the_portals_id_is_unique() {
    for (settings, expected) in [
        (Settings::default(), true),
        (Settings::default().without_unique_portal_id(), false),
    ] {
        let Org { crm, access, .. } = org(settings).await;
        let fields = crm.fields(&access, "Leads").await.unwrap();
        let of = |name: &str| fields.iter().find(|field| field.api_name == name).unwrap();
        assert_eq!(of("Portal_Lead_ID").unique, expected);
        assert_eq!(of("Portal_Lead_ID").data_type, "text");
        assert!(!of("City").unique);
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_made_renewed_found_and_stopped() {
    let Org { crm, access, .. } = org(Settings::default()).await;
    let week = Duration::from_secs(7 * 24 * 3600);
    let mut channel = Channel {
        channel_id: 1_000_000_068_001,
        events: vec!["Leads.all".to_owned()],
        notify_url: "https://hub.example.com/webhooks/zoho-crm".to_owned(),
        token: "echo-me".into(),
        expiry: start() + week,
    };
    assert_eq!(crm.channels(&access).await, Ok(vec![]));
    assert!(matches!(crm.renew(&access, &channel).await, Err(CallError::Gone(_))));
    let made = crm.watch(&access, &channel).await.unwrap();
    assert_eq!(
        (made.channel_id.as_str(), made.expiry),
        ("1000000068001", Some(channel.expiry))
    );
    assert!(matches!(
        crm.watch(&access, &channel).await,
        Err(CallError::Exists { .. })
    ));

    tokio::time::advance(Duration::from_secs(600)).await;
    channel.expiry = start() + week + Duration::from_secs(600);
    assert_eq!(crm.renew(&access, &channel).await.unwrap().expiry, Some(channel.expiry));
    let listed = crm.channels(&access).await.unwrap();
    assert_eq!((listed.len(), listed[0].expiry), (1, Some(channel.expiry)));
    assert_eq!(listed[0].module.as_deref(), Some("Leads"));
    assert_eq!(crm.stop(&access, channel.channel_id).await, Ok(()));
    assert!(matches!(
        crm.stop(&access, channel.channel_id).await,
        Err(CallError::Gone(_))
    ));
}
