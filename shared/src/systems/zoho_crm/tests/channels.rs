//! Notification channels.

use super::*;

#[tokio::test]
async fn a_channel_always_has_its_expiry() {
    let event = json!({"channel_id": "77", "channel_expiry": "2026-01-08T10:00:00+01:00", "resource_name": "Leads"});
    let done =
        json!({"watch": [{"code": "SUCCESS", "status": "success", "message": "m", "details": {"events": [event]}}]});
    let none = json!({"watch": [{"code": "NOT_SUBSCRIBED", "status": "error", "message": "m", "details": {}}]});
    let listed = json!({"watch": [{"channel_id": 77, "resource_name": "Leads", "notify_url": "https://x", "token": "echo"}],
        "info": {"more_records": false}});
    let answers = [(201, &done), (400, &none), (200, &listed), (200, &done)]
        .map(|(status, body)| answer(status, &body.to_string()));
    let (crm, script) = crm(answers);
    let channel = Channel {
        channel_id: 77,
        events: vec!["Leads.all".to_owned()],
        notify_url: "https://x".to_owned(),
        token: "echo".into(),
        expiry: "2026-01-08T09:00:00Z".parse().unwrap(),
    };
    let watched = crm.watch(&access(), &channel).await.unwrap();
    assert_eq!(
        (watched.channel_id.as_str(), watched.expiry),
        ("77", Some(channel.expiry))
    );
    assert!(matches!(crm.renew(&access(), &channel).await, Err(CallError::Gone(_))));
    assert_eq!(crm.channels(&access()).await.unwrap()[0].channel_id, "77");
    assert_eq!(crm.stop(&access(), 77).await, Ok(()));
    assert!(!format!("{channel:?}").contains("echo"));

    let sent = script.requests();
    let expected = json!({"watch": [{"channel_id": "77", "events": ["Leads.all"], "notify_url": "https://x",
        "token": "echo", "channel_expiry": "2026-01-08T09:00:00+00:00"}]});
    assert_eq!((json_of(&sent[0]), json_of(&sent[1])), (expected.clone(), expected));
    assert_eq!((sent[0].method(), sent[1].method()), (&Method::POST, &Method::PUT));
    assert_eq!(
        sent[3].uri().to_string(),
        "https://www.zohoapis.eu/crm/v8/actions/watch?channel_ids=77"
    );
}
