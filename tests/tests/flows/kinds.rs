//! Several kinds in one system: each has a function of its own, which is never handed another's work.

use super::door::world;
use super::toy::{CHILD, PARENT, Toy, app, say};
use local::fault::{Failure, Verdict};
use local::queues::message::Outgoing;
use local::world::World;
use shared::app::App;
use shared::job::{Incoming, Message, sync_queue};
use shared::model::{Class, Kind, Link, RecordKey, System};
use shared::store::keys;
use shared::sync::sweep::sweep;
use shared::worker;
use std::time::Duration;

fn queue(kind: &Kind) -> String {
    sync_queue(kind, &System::BACKOFFICE)
}

/// What lies in a kind's queue.
fn fed(world: &World, kind: &Kind) -> Vec<Message> {
    let now = world.clock.now_ms();
    let messages = world.aws.queues.receive(&queue(kind), 10, now).unwrap();
    messages.iter().map(|it| Message::read(&it.body).unwrap()).collect()
}

async fn swept(world: &World, app: &App) -> usize {
    world.clock.sleep(Duration::from_secs(90)).await;
    let app = app.until(world.clock.now() + Duration::from_secs(50));
    sweep(&app).await.unwrap().links
}

fn sync(key: &RecordKey) -> Message {
    Message::Sync(key.clone(), System::BACKOFFICE)
}

/// Both messages of the acceptance are lost.
async fn both(world: &World, app: &App) -> (RecordKey, RecordKey) {
    world.aws.faults.set(|call| match call.service {
        "sqs" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    let parent = say(app, PARENT, "c1", None, Class::LIVE).await;
    let child = say(app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    world.aws.faults.clear();
    (parent, child)
}

#[tokio::test(start_paused = true)]
async fn a_link_is_never_fed_to_another_kinds_queue() {
    let world = world().await;
    let app = app(&world).await;
    let (parent, child) = both(&world, &app).await;
    assert_eq!(swept(&world, &app).await, 2);
    assert_eq!(fed(&world, &PARENT), [sync(&parent)]);
    assert_eq!(fed(&world, &CHILD), [sync(&child)]);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_never_holds_up_another_kind() {
    let world = world().await;
    let app = app(&world).await;
    let (parent, child) = both(&world, &app).await;
    for _ in 0..2_000 {
        let message = Outgoing::new(Message::Activate.write());
        world
            .aws
            .queues
            .send(&queue(&PARENT), message, world.clock.now_ms())
            .unwrap();
    }
    assert_eq!(swept(&world, &app).await, 1);
    assert_eq!(fed(&world, &CHILD), [sync(&child)]);
    let at = keys::link(&parent, &System::BACKOFFICE);
    let left = app.store.get::<Link>(&at).await.unwrap().unwrap().body;
    assert!(left.due_at < Some(world.clock.now()), "left where it was: {left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_for_another_function_is_never_acted_upon() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let (parent, child) = both(&world, &app).await;
    let incoming = |message: &Message| Incoming {
        id: message.write(),
        body: message.write(),
        queue: queue(&CHILD),
        sent_ms: world.clock.now_ms(),
    };
    let elsewhere = Message::Sync(child, System::ZOHO_CRM);
    let batch = [sync(&parent), elsewhere].iter().map(incoming).collect::<Vec<_>>();
    let ids: Vec<String> = batch.iter().map(|it| it.id.clone()).collect();
    let app = app.until(world.clock.now() + Duration::from_secs(30));
    assert_eq!(
        worker::work(&app, std::slice::from_ref(&toy), batch).await.unwrap(),
        ids
    );
    assert!(toy.made.lock().unwrap().is_empty());
}
