//! Look-ups and lists, while Zoho behaves.

use crate::transport::start;
use crate::zoho_crm::{Org, lead, org, org_of};
use serde_json::json;
use shared::systems::{CallError, Gone, Seen};
use std::time::Duration;
use twins::zoho::Settings;

fn ids(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.id.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_look_up_finds_by_any_key_whatever_signs_are_in_it() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let by_portal = twin.insert_lead(lead(1)).unwrap();
    let by_email = twin
        .insert_lead(json!({"Last_Name": "O'Neil", "Email": "o'neil@example.com"}))
        .unwrap();
    twin.insert_lead(lead(3)).unwrap();
    let by = [
        ("Portal_Lead_ID", vec!["portal-1".to_owned(), "a\\b".to_owned()]),
        ("Email", vec!["o'neil@example.com".to_owned()]),
    ];
    let found = crm
        .find(&access, "Leads", &["Email", "Portal_Lead_ID"], &by)
        .await
        .unwrap();
    assert_eq!(ids(&found), [by_portal, by_email]);
    assert_eq!(found[0].fields["Portal_Lead_ID"], "portal-1");
    assert_eq!(found[0].modified, Some(start()));
    let none = [("Email", vec!["' or id is not null or Email = '".to_owned()])];
    assert_eq!(crm.find(&access, "Leads", &["Email"], &none).await, Ok(vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_look_up_of_many_values_and_rows_is_whole() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    for n in 0..120 {
        twin.insert_lead(lead(n)).unwrap();
    }
    for _ in 0..250 {
        twin.insert_lead(json!({"Last_Name": "Borg", "Email": "same@example.com"}))
            .unwrap();
    }
    let portal = (0..120).map(|n| format!("portal-{n}")).collect();
    let emails = (0..120).map(|n| format!("lead{n}@example.com")).collect();
    let found = crm
        .find(
            &access,
            "Leads",
            &["Email"],
            &[("Portal_Lead_ID", portal), ("Email", emails)],
        )
        .await
        .unwrap();
    assert_eq!(found.len(), 120);
    let same = [("Email", vec!["same@example.com".to_owned()])];
    assert_eq!(crm.find(&access, "Leads", &["Email"], &same).await.unwrap().len(), 250);
    assert_eq!(twin.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn reading_by_id_shows_converted_leads_and_leaves_deleted_ones_out() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let [plain, converted, deleted] = [1, 2, 3].map(|n| twin.insert_lead(lead(n)).unwrap());
    twin.convert(&converted).unwrap();
    twin.delete(&deleted).unwrap();
    let wanted = [plain.clone(), converted.clone(), deleted.clone()];
    let found = crm.read(&access, "Leads", &["Email"], &wanted).await.unwrap();
    let gone = |id: &String| found.iter().find(|seen| seen.id == *id).map(|seen| seen.gone);
    assert_eq!(
        [gone(&plain), gone(&converted), gone(&deleted)],
        [Some(None), Some(Some(Gone::Converted)), None]
    );

    let page = crm
        .deleted(&access, "Leads", Some(start() - Duration::from_secs(60)), None)
        .await
        .unwrap();
    let row = page.rows[0].as_ref().unwrap();
    assert_eq!(
        (row.id.as_str(), row.gone, row.modified),
        (deleted.as_str(), Some(Gone::Deleted), Some(start()))
    );
    assert_eq!((page.rows.len(), page.next), (1, None));
}

#[tokio::test(start_paused = true)]
async fn a_list_reaches_past_two_thousand_rows_in_the_order_of_change() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    let before = twin.insert_lead(lead(9999)).unwrap();
    tokio::time::advance(Duration::from_secs(10)).await;
    for n in 0..2_450 {
        twin.insert_lead(lead(n)).unwrap();
    }
    let since = Some(start() + Duration::from_secs(5));
    let (mut seen, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = crm
            .list(&access, "Leads", &["Email"], since, token.as_deref())
            .await
            .unwrap();
        seen.extend(page.rows.into_iter().map(Result::unwrap));
        pages += 1;
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (2_450, 13));
    assert!(!ids(&seen).contains(&before.as_str()));
    assert!(seen.is_sorted_by_key(|row| row.modified));
    let nothing = crm
        .list(
            &access,
            "Leads",
            &["Email"],
            Some(start() + Duration::from_secs(60)),
            None,
        )
        .await
        .unwrap();
    assert_eq!((nothing.rows.len(), nothing.next), (0, None));
}

#[tokio::test(start_paused = true)]
async fn a_list_restarts_where_its_token_is_no_longer_good() {
    let Org { twin, crm, access } = org(Settings::default()).await;
    for n in 0..201 {
        twin.insert_lead(lead(n)).unwrap();
    }
    let page = crm.list(&access, "Leads", &["Email"], None, None).await.unwrap();
    let token = page.next.as_deref();
    let other = crm.list(&access, "Leads", &["Email", "City"], None, token).await;
    assert!(matches!(other, Err(CallError::Restart(_))), "{other:?}");
    tokio::time::advance(Duration::from_secs(24 * 3600 + 1)).await;
    let Org { access, .. } = org_of(twin).await;
    let late = crm.list(&access, "Leads", &["Email"], None, token).await;
    assert!(matches!(late, Err(CallError::Restart(_))), "{late:?}");
}
