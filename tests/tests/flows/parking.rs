//! A child waits for its parent: two toy kinds through the real engine.

use super::door::world;
use super::state::items;
use super::toy::{CHILD, PARENT, Toy, app, say};
use jiff::Timestamp;
use local::world::World;
use serde_json::Value as Json;
use shared::app::App;
use shared::model::{Arrival, Class, Link, Patch, Record, RecordKey, Status, System, Value};
use shared::store::keys;
use shared::sync::accept::accept;
use shared::sync::push::{Done, push};
use shared::systems::CallError;
use std::time::Duration;

async fn status(app: &App, key: &RecordKey) -> (Status, Class) {
    let link = app
        .store
        .get::<Link>(&keys::link(key, &System::BACKOFFICE))
        .await
        .unwrap()
        .unwrap()
        .body;
    (link.status, link.class)
}

async fn pushed(app: &App, toy: &Toy, key: &RecordKey) -> Done {
    let app = app.until(app.clock.now() + Duration::from_secs(30));
    let mut done = push(&app, toy, std::slice::from_ref(key)).await.unwrap();
    done.remove(key).unwrap().unwrap()
}

fn notes(world: &World) -> Vec<Json> {
    let is_note = |it: &Json| it["sk"]["S"].as_str().is_some_and(|it| it.starts_with("waits#"));
    items(world).into_iter().filter(is_note).collect()
}

#[tokio::test(start_paused = true)]
async fn a_child_is_never_made_before_its_parent() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::BACKFILL).await;
    let children = [
        say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await,
        say(&app, CHILD, "i2", Some("c1"), Class::LIVE).await,
    ];
    assert_ne!(children[0], children[1], "two children of one parent are two records");
    for child in &children {
        pushed(&app, &toy, child).await;
        assert_eq!(status(&app, child).await.0, Status::Parked);
    }
    assert_eq!((toy.made.lock().unwrap().len(), notes(&world).len()), (0, 2));
    assert_eq!(
        status(&app, &parent).await.1,
        Class::LIVE,
        "the parent goes in its child's class"
    );
    pushed(&app, &toy, &parent).await;
    for child in &children {
        assert_eq!(status(&app, child).await.0, Status::Pending, "released at once");
        pushed(&app, &toy, child).await;
        assert_eq!(status(&app, child).await.0, Status::Synced);
    }
    assert_eq!(*toy.made.lock().unwrap(), ["customer#c1", "invoice#i1", "invoice#i2"]);
    assert_eq!(notes(&world), Vec::<Json>::new());
}

#[tokio::test(start_paused = true)]
async fn a_child_whose_parent_does_not_exist_yet_is_released_when_it_comes() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    pushed(&app, &toy, &child).await;
    assert_eq!(status(&app, &child).await.0, Status::Parked);
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    pushed(&app, &toy, &parent).await;
    assert_eq!(status(&app, &child).await.0, Status::Pending);
}

/// The parent lands after the child's first look and before its note: the second look finds it.
#[tokio::test(start_paused = true)]
async fn a_parent_that_lands_meanwhile_leaves_no_child_parked() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    // The note is the child's first write, and it takes a second.
    let first = std::sync::atomic::AtomicBool::new(true);
    world.aws.faults.set(move |call| {
        let is_note = call.operation == "PutItem" && first.swap(false, std::sync::atomic::Ordering::Relaxed);
        if is_note {
            local::fault::Verdict::DelayBefore(Duration::from_secs(1))
        } else {
            local::fault::Verdict::Pass
        }
    });
    let lands = async {
        world.clock.sleep(Duration::from_millis(500)).await;
        pushed(&app, &toy, &parent).await
    };
    let (parked, _) = tokio::join!(pushed(&app, &toy, &child), lands);
    world.aws.faults.clear();
    assert_eq!(status(&app, &parent).await.0, Status::Synced, "{parked:?}");
    assert_eq!(status(&app, &child).await.0, Status::Pending);
    assert_eq!(notes(&world), Vec::<Json>::new());
}

/// A parent that fails keeps its children parked, looked at again by the sweep's due time; it lands, and they go on.
#[tokio::test(start_paused = true)]
async fn a_parent_that_fails_keeps_its_children_parked_until_it_lands() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    *toy.refuses.lock().unwrap() = Some(CallError::Rejected("no such thing".into()));
    pushed(&app, &toy, &child).await;
    pushed(&app, &toy, &parent).await;
    assert_eq!(
        (status(&app, &parent).await.0, status(&app, &child).await.0),
        (Status::Failed, Status::Parked)
    );
    let link = app
        .store
        .get::<Link>(&keys::link(&child, &System::BACKOFFICE))
        .await
        .unwrap()
        .unwrap()
        .body;
    assert!(
        link.due_at
            .is_some_and(|it| it > app.clock.now() && it < Timestamp::MAX)
    );
    *toy.refuses.lock().unwrap() = None;
    // An edit opens the failed parent again.
    let record = app.store.get::<Record>(&keys::record(&parent)).await.unwrap().unwrap();
    assert_eq!(record.body.version, 1);
    let edited = Arrival {
        source: System::PORTAL,
        kind: PARENT,
        source_id: Some("c1".into()),
        keys: vec![("portal_id".into(), "c1".into())],
        fields: [("name".to_owned(), Patch::from(Value::text("better")))].into(),
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: None,
    };
    accept(&app, &edited, Class::LIVE).await.unwrap();
    pushed(&app, &toy, &parent).await;
    assert_eq!(status(&app, &child).await.0, Status::Pending);
    pushed(&app, &toy, &child).await;
    assert_eq!(*toy.made.lock().unwrap(), ["customer#c1", "invoice#i1"]);
}
