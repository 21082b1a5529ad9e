//! What the caller is told when Zoho, or the way to it, misbehaves.

use crate::zoho_crm::{CHECKS, Org, QUIET, lead, org, write};
use serde_json::json;
use shared::systems::CallError;
use std::time::Duration;
use twins::Effect;
use twins::zoho::Settings;

fn error(status: u16, code: &str) -> Effect {
    Effect::Error {
        status,
        code: code.to_owned(),
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, CallError>) -> String {
    let shown = format!("{:?}", result.unwrap_err());
    shown.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_unknown_whether_it_acted_or_not() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    for (n, (effect, acted)) in [
        (Effect::LoseBefore, false),
        (Effect::LoseAfter, true),
        (Effect::Slow(Duration::from_secs(60)), false),
        (Effect::SlowAnswer(Duration::from_secs(60)), true),
    ]
    .into_iter()
    .enumerate()
    {
        twin.faults().next("upsert", 1, effect.clone());
        let result = crm
            .upsert(&access, "Leads", &[write(None, lead(n))], &CHECKS, QUIET)
            .await;
        assert_eq!(kind(result), "Unknown", "{effect:?}");
        let by = [("Portal_Lead_ID", vec![format!("portal-{n}")])];
        let found = crm.find(&access, "Leads", &["Email"], &by).await.unwrap();
        assert_eq!(found.len(), usize::from(acted), "{effect:?}: the look-up tells");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_to_do_next() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    for (effect, of_a_write, of_a_read) in [
        (Effect::Status(429), "Wait", "Wait"),
        (Effect::Status(500), "Unknown", "Later"),
        (Effect::Status(502), "Unknown", "Later"),
        (Effect::Status(503), "Unknown", "Later"),
        (error(401, "INVALID_TOKEN"), "Unauthorised", "Unauthorised"),
        (error(401, "OAUTH_SCOPE_MISMATCH"), "Forbidden", "Forbidden"),
        (error(403, "NO_PERMISSION"), "Forbidden", "Forbidden"),
        (error(400, "INVALID_MODULE"), "Rejected", "Rejected"),
        (error(500, "INTERNAL_ERROR"), "Unknown", "Later"),
        (Effect::LoseBefore, "Unknown", "Silent"),
    ] {
        twin.faults().next("*", 2, effect.clone());
        let written = crm
            .upsert(&access, "Leads", &[write(None, lead(1))], &CHECKS, QUIET)
            .await;
        assert_eq!(kind(written).trim_end_matches('{'), of_a_write, "{effect:?}");
        let read = crm.list(&access, "Leads", &["Email"], None, None).await;
        assert_eq!(kind(read).trim_end_matches('{'), of_a_read, "{effect:?}");
    }
    assert!(twin.leads().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_record_that_fails_leaves_the_others_alone() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    for (code, expected) in [
        ("RECORD_LOCKED", "Held"),
        ("INTERNAL_ERROR", "Unknown"),
        ("MANDATORY_NOT_FOUND", "Rejected"),
        ("MULTIPLE_OR_MULTI_ERRORS", "Rejected"),
    ] {
        twin.faults().next(
            "upsert",
            1,
            Effect::Record {
                index: 1,
                code: code.to_owned(),
            },
        );
        let writes = [1, 2, 3].map(|n| write(None, lead(n)));
        let results = crm.upsert(&access, "Leads", &writes, &CHECKS, QUIET).await.unwrap();
        assert!(results[0].is_ok() && results[2].is_ok());
        assert_eq!(kind(results[1].clone()), expected, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_and_a_missing_scope_are_told_apart() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    twin.faults().next("list", 1, Effect::RevokeTokens);
    assert_eq!(
        kind(crm.list(&access, "Leads", &["Email"], None, None).await),
        "Unauthorised"
    );

    let mut settings = Settings::default();
    settings.accounts.scopes = vec!["ZohoCRM.modules.ALL".to_owned()];
    let Org { crm, access, .. } = org(settings).await;
    assert!(crm.list(&access, "Leads", &["Email"], None, None).await.is_ok());
    let by = [("Email", vec!["a@example.com".to_owned()])];
    assert_eq!(kind(crm.find(&access, "Leads", &["Email"], &by).await), "Forbidden");
}

#[tokio::test(start_paused = true)]
async fn without_credits_the_whole_system_waits() {
    let Org { crm, access, .. } = org(Settings {
        credits: 1,
        ..Settings::default()
    })
    .await;
    assert!(crm.list(&access, "Leads", &["Email"], None, None).await.is_ok());
    let refused = crm.list(&access, "Leads", &["Email"], None, None).await;
    assert!(
        matches!(refused, Err(CallError::Wait { wait: None, .. })),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_check_field_that_is_not_unique_inserts_doubles() {
    // The reason for `ZohoCrm::fields`: a push must not rely on this upsert's class then.
    let Org { twin, crm, access } = org(Settings::default().without_unique_portal_id()).await;
    let fields = json!({"Last_Name": "Borg", "Portal_Lead_ID": "portal-1"});
    for _ in 0..2 {
        let writes = [write(None, fields.clone())];
        crm.upsert(&access, "Leads", &writes, &["Portal_Lead_ID"], QUIET)
            .await
            .unwrap()[0]
            .clone()
            .unwrap();
    }
    assert_eq!(twin.leads().len(), 2);
}
