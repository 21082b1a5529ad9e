//! An operator at the command line: the table alone, without queues and without the vendors' secrets.

use super::door::{CRON, KEY, lead, post, start, world, world_with};
use super::state::{items, settled};
use clap::Parser as _;
use concord::bars::Bars;
use concord::{Cli, run};
use local::world::{Options, World};
use serde_json::{Value, json};
use std::time::Duration;

/// What the functions have and operators don't.
const NOT_OURS: [&str; 13] = [
    "ZOHO_CLIENT_ID",
    "ZOHO_REFRESH_TOKEN",
    "PORTAL_SUPABASE_URL",
    "BACKOFFICE_SUPABASE_URL",
    "LEAD_STATUS_MAP",
    "LEAD_SAME_EMAIL",
    "QUEUE_INTAKE",
    "QUEUE_SYNC_ZOHO_CRM_LEAD",
    "QUEUE_SYNC_BACKOFFICE_LEAD",
    "QUEUE_CRON_PORTAL_PULL",
    "QUEUE_CRON_ZOHO_CRM_PULL",
    "QUEUE_CRON_RENEW",
    "QUEUE_CRON_SWEEP",
];

/// The operator's own app: the table, and the settings that the sweep wrote down there.
async fn desk(world: &World) -> World {
    let mut options = Options::test(start());
    let time = u64::try_from(world.clock.now_ms()).unwrap();
    options.seed = Some(time + items(world).len() as u64);
    options.variables = NOT_OURS.iter().map(|it| ((*it).to_owned(), String::new())).collect();
    let deployed = shared::sync::deployment::read(&world.app().store).await.unwrap();
    options.variables.extend(deployed.unwrap_or_default().settings);
    world.restart(&options).unwrap()
}

/// Runs a command and reads its JSON; an error is its one line.
pub async fn concord(world: &World, line: &[&str]) -> Result<Value, String> {
    let cli = Cli::try_parse_from(["concord", "--json"].iter().chain(line)).map_err(|it| it.to_string())?;
    let desk = desk(world).await;
    let json = run(desk.app(), &cli, &mut Bars::new(true)).await;
    let json = json.map_err(|it| format!("{it:#}"))?;
    let people = Cli {
        json: false,
        verb: Cli::try_parse_from(["concord", "status"]).unwrap().verb,
    };
    // Whatever stands in the table can be shown to people, too.
    assert!(!run(desk.app(), &people, &mut Bars::new(true)).await.unwrap().is_empty());
    Ok(serde_json::from_str(&json).unwrap())
}

/// The same, as people read it.
async fn told(world: &World, line: &[&str]) -> String {
    let cli = Cli::try_parse_from(["concord"].iter().chain(line)).unwrap();
    run(desk(world).await.app(), &cli, &mut Bars::new(true)).await.unwrap()
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let refused = [
        "resolve 1",
        "resolve 1 --as 2 --new",
        "resolve 1 --new --drop",
        "resolve 1 --field status --as x",
        "resolve 1 --system zoho_crm --field status --drop",
        "retry",
        "retry 1 --all",
        "retry --all --system zoho_crm",
        "retry --all --status failed",
        "retry --all --system zoho_crm --status synced",
        "backfill lunch",
        "keys new --name x",
        "keys new --name x --scope everything",
        "pause",
    ];
    for line in refused {
        let words = ["concord"].into_iter().chain(line.split(' '));
        assert!(Cli::try_parse_from(words).is_err(), "{line}");
    }
    let taken = [
        "status --json",
        "--json retry 1 --system zoho_crm",
        "retry --all --status failed --system zoho_crm --yes",
        "resolve portal/1 --as 2",
        "resolve 1 --system zoho_crm --field status --as theirs",
        "runs --job portal_pull --limit 3",
        "backfill leads --detach",
        "backfill customers --dry-run",
        "keys new --name x --scope leads,crons",
    ];
    for line in taken {
        let words = ["concord"].into_iter().chain(line.split(' '));
        assert!(Cli::try_parse_from(words).is_ok(), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_paused_system_gets_nothing_until_it_is_resumed() {
    let world = world().await;
    let switched = concord(&world, &["pause", "zoho_crm"]).await.unwrap();
    assert_eq!(
        (&switched["before"], &switched["now"]),
        (&json!("on"), &json!("paused"))
    );
    post(&world, &lead()).await;
    world.pass(Duration::from_secs(180)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 0);
    let status = concord(&world, &["status"]).await.unwrap();
    let zoho = standing(&status, "zoho_crm");
    assert_eq!((&zoho["mode"], &zoho["open"]["number"]), (&json!("paused"), &json!(1)));
    assert_eq!(zoho["by_status"], json!({ "pending": 1 }));
    assert_eq!(standing(&status, "backoffice")["synced"], 1, "{status:#}");

    concord(&world, &["resume", "zoho_crm"]).await.unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
    let error = concord(&world, &["pause", "portal"]).await.unwrap_err();
    assert_eq!(
        error,
        "portal: is no system that Concord writes to; there are zoho_crm, backoffice, zoho_billing"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_mocked_system_skipped_is_sent_only_when_a_person_asks() {
    let world = world().await;
    concord(&world, &["mock", "zoho_crm"]).await.unwrap();
    post(&world, &lead()).await;
    settled(&world).await;
    concord(&world, &["resume", "zoho_crm"]).await.unwrap();
    world.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 0);

    let line = ["retry", "--all", "--status", "skipped", "--system", "zoho_crm"];
    let counted = concord(&world, &line).await.unwrap();
    assert_eq!((&counted["matching"], &counted["opened"]), (&json!(1), &json!(0)));
    concord(&world, &[&line[..], &["--yes"]].concat()).await.unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn status_tells_a_deployment_from_the_operators_own_settings() {
    let world = world_with(&[("BACKOFFICE_SUPABASE_URL", "")]).await;
    post(&world, &lead()).await;
    world.tick("cron_renew").unwrap();
    world.pass(Duration::from_secs(70)).await.unwrap();
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(standing(&status, "zoho_crm")["mode"], "on", "{status:#}");
    assert_eq!(standing(&status, "zoho_crm")["synced"], 1);
    assert_eq!(standing(&status, "portal")["mode"], "read only");
    let backoffice = standing(&status, "backoffice");
    assert_eq!(
        (&backoffice["mode"], &backoffice["open"]["number"]),
        (&json!("not configured"), &json!(1))
    );
    assert!(backoffice["oldest_open"].is_string() && status["zoho_channel_until"].is_string());
    assert!(status["zoho_token_until"].is_string(), "{status:#}");
    assert_eq!(status["zoho_key_is_unique"], true);
    let people = told(&world, &["status"]).await;
    for word in [
        "not configured",
        "read only",
        "key field unique",
        "lead in backoffice: 1 pending",
    ] {
        assert!(people.contains(word), "{word}: {people}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_shown_once_and_opens_only_its_scopes_until_it_is_revoked() {
    let world = world().await;
    let line = ["keys", "new", "--name", "the portal", "--scope", "leads"];
    let made = concord(&world, &line).await.unwrap();
    let secret = made["secret"].as_str().unwrap();
    let items = items(&world);
    assert!(!json!(items).to_string().contains(secret), "only its hash is kept");
    let get = |path: &'static str, key: &str| {
        let (world, key) = (world.clone(), key.to_owned());
        async move { world.call("GET", path, &key, None).await.unwrap().0 }
    };
    assert_eq!(get("/leads/unknown", secret).await, 404);
    assert_eq!(get("/runs?job=portal_pull", secret).await, 401);
    assert_eq!(get("/runs?job=portal_pull", CRON).await, 200);
    assert!(concord(&world, &line).await.unwrap_err().contains("revoke it first"));

    let listed = concord(&world, &["keys", "list"]).await.unwrap();
    let names: Vec<&Value> = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, [&json!("tests"), &json!("the portal")]);
    assert!(!listed.to_string().contains(secret));
    concord(&world, &["keys", "revoke", "the portal"]).await.unwrap();
    assert_eq!(get("/leads/unknown", secret).await, 401);
    assert_eq!(get("/leads/unknown", KEY).await, 404);
    let gone = concord(&world, &["keys", "revoke", "the portal"]).await.unwrap_err();
    assert_eq!(gone, "the portal: no living key has this name");
    let both = ["keys", "new", "--name", "both", "--scope", "leads,crons"];
    let both = concord(&world, &both).await.unwrap();
    let secret = both["secret"].as_str().unwrap();
    assert_eq!(
        (
            get("/leads/unknown", secret).await,
            get("/runs?job=portal_pull", secret).await
        ),
        (404, 200)
    );
}

#[tokio::test(start_paused = true)]
async fn a_backfill_reads_everything_and_is_followed_to_its_end() {
    let world = world().await;
    let make = |number: usize| {
        let email = format!("lead{number}@example.com");
        let fields = json!({ "Last_Name": format!("Lead {number}"), "Email": email });
        world.systems.zoho.insert_lead(fields).unwrap();
    };
    (0..30).for_each(make);
    world.pass(Duration::from_secs(4 * 3600)).await.unwrap();
    make(30);
    world.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    let (done, passed) = tokio::join!(
        concord(&world, &["backfill", "leads"]),
        world.pass(Duration::from_secs(600))
    );
    passed.unwrap();
    let done = done.unwrap();
    assert_eq!(done["finished"], true, "{done:#}");
    let of = |job: &str| {
        done["runs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["job"] == job)
            .unwrap()
    };
    assert_eq!(of("zoho_crm_pull")["counts"]["read"], 31, "{done:#}");
    let runs = concord(&world, &["runs", "--job", "zoho_crm_pull"]).await.unwrap();
    let live = runs["runs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["class"] == 0)
        .unwrap();
    assert_eq!(live["counts"]["read"], 1, "an hourly run reads what is new: {live:#}");
    assert_eq!(world.systems.backoffice.rows("leads").len(), 31);

    let people = told(&world, &["runs", "--job", "zoho_crm_pull"]).await;
    assert!(people.contains("backfill") && people.contains("done"), "{people}");
    let again = concord(&world, &["backfill", "leads", "--detach"]).await.unwrap();
    assert_eq!(again["finished"], false);
    let resumed = concord(&world, &["backfill", "leads", "--detach"]).await.unwrap();
    assert_eq!(again["runs"][0]["id"], resumed["runs"][0]["id"], "the run under way");
    let error = concord(&world, &["runs", "--job", "lunch"]).await.unwrap_err();
    assert_eq!(
        error,
        "lunch: is no job; there are billing_pull, portal_pull, zoho_crm_pull, renew"
    );
}

/// How a system stands.
pub fn standing<'a>(status: &'a Value, system: &str) -> &'a Value {
    let systems = status["systems"].as_array().unwrap();
    systems.iter().find(|it| it["system"] == system).unwrap()
}
