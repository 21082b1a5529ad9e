//! Every route of the template without a key, with a wrong, a revoked and another scope's one: 401, and no effect.

use super::ask::{Answer, ask, revoked, stored};
use super::door::{CRON, KEY, world, world_with};
use local::world::World;
use shared::api::auth::{Scope, store};

/// The only routes that no key guards, and why.
const OPEN: [(&str, &str); 7] = [
    ("GET /health", "for everyone"),
    ("POST /webhooks/supabase/{project}", "the project's secret header"),
    ("POST /webhooks/zoho-crm", "the channel's token in the body"),
    ("POST /webhooks/zoho-billing", "a secret header"),
    ("POST /webhooks/stripe", "its signature"),
    ("POST /webhooks/netcash", "a hint: Netcash is asked"),
    ("GET /webhooks/netcash", "a buyer's browser brings the same hint"),
];

/// `(METHOD /path as the template writes it, METHOD, a path that takes it)`.
fn routes(world: &World) -> Vec<(String, String, String)> {
    let all = world.template.functions.iter().flat_map(|it| &it.routes);
    all.map(|it| {
        let path = it.path.replace("{job}", "portal_pull").replace("{project}", "portal");
        let path = path
            .replace("{id}", "7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3")
            .replace("{kind}", "customer");
        assert!(
            !path.contains('{'),
            "a value for the parameter of {path} is missing here"
        );
        (format!("{} {}", it.method, it.path), it.method.clone(), path)
    })
    .collect()
}

fn guarded(world: &World) -> impl Iterator<Item = (String, String, String)> {
    routes(world)
        .into_iter()
        .filter(|route| OPEN.iter().all(|open| open.0 != route.0))
}

async fn call(world: &World, method: &str, path: &str, authorization: &[&str]) -> Answer {
    let mut asked = ask(method, path).json(&super::door::lead());
    for value in authorization {
        asked = asked.header("authorization", value);
    }
    asked.of(world).await
}

#[tokio::test(start_paused = true)]
async fn no_route_but_the_listed_ones_opens_without_a_good_key() {
    let world = world().await;
    store(world.app(), "operator", Scope::OperatorWrite, "tests")
        .await
        .unwrap();
    store(world.app(), "reader", Scope::OperatorRead, "tests")
        .await
        .unwrap();
    revoked(&world, "gone-leads", Scope::Leads).await;
    revoked(&world, "gone-crons", Scope::Crons).await;
    let before = stored(&world, "");
    for (name, method, path) in guarded(&world) {
        let answer = call(&world, &method, &path, &[]).await;
        answer.assert_problem(401, None, &format!("{name} without a key"));
        for wrong in ["guess", "operator", "reader", "gone-leads", "gone-crons", "", " "] {
            let answer = call(&world, &method, &path, &[&format!("Bearer {wrong}")]).await;
            answer.assert_problem(401, None, &format!("{name} with {wrong:?}"));
        }
        for header in [
            KEY.to_owned(),
            format!("Basic {KEY}"),
            format!("Token {CRON}"),
            format!("Bearer{CRON}"),
        ] {
            let answer = call(&world, &method, &path, &[&header]).await;
            answer.assert_problem(401, None, &format!("{name} with {header:?}"));
        }
        let both = [format!("Bearer {KEY}"), format!("Bearer {CRON}")];
        let answer = call(&world, &method, &path, &[&both[0], &both[1]]).await;
        answer.assert_problem(401, None, &format!("{name} with two keys"));
        let answer = call(&world, &method, &format!("{path}?key={KEY}&access_token={CRON}"), &[]).await;
        answer.assert_problem(401, None, &format!("{name} with a key in its address"));
    }
    assert_eq!(stored(&world, ""), before, "nothing came of it");
}

#[tokio::test(start_paused = true)]
async fn a_key_opens_its_own_scope_only() {
    let world = world().await;
    store(world.app(), "crons-key", Scope::Crons, "tests").await.unwrap();
    store(world.app(), "billing-key", Scope::Billing, "tests")
        .await
        .unwrap();
    for (name, method, path) in guarded(&world) {
        let mut opened = Vec::new();
        for key in [KEY, CRON, "crons-key", "billing-key"] {
            let answer = call(&world, &method, &path, &[&format!("bearer {key}")]).await;
            if answer.status != 401 {
                assert!(
                    [200, 202, 404, 422].contains(&answer.status),
                    "{name} with {key}: {answer:?}"
                );
                opened.push(key);
            }
        }
        let expected = match path.split('/').nth(1) {
            Some("leads") => vec![KEY],
            Some("crons" | "runs") => vec![CRON, "crons-key"],
            _ => vec!["billing-key"],
        };
        assert_eq!(opened, expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_not_configured_opens_nothing() {
    let world = world_with(&[
        ("CRON_SECRET", ""),
        ("PORTAL_WEBHOOK_SECRET", ""),
        ("ZOHO_CRM_WEBHOOK_TOKEN", ""),
        ("ZOHO_BILLING_WEBHOOK_SECRET", ""),
        ("STRIPE_WEBHOOK_SECRET", ""),
    ])
    .await;
    for (name, method, path) in routes(&world)
        .into_iter()
        .filter(|it| it.2.starts_with("/crons") || (it.2.starts_with("/webhooks") && !it.2.ends_with("/netcash")))
    {
        for value in ["", "Bearer ", "Bearer local-cron-secret"] {
            let asked = ask(&method, &path)
                .header("authorization", value)
                .header("x-webhook-secret", "");
            let answer = asked
                .json(&serde_json::json!({ "token": "", "ids": ["1"] }))
                .of(&world)
                .await;
            answer.assert_problem(401, None, &format!("{name} with {value:?}"));
        }
    }
    assert_eq!(stored(&world, "intake#"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_open_routes_are_those_of_the_template() {
    let world = world().await;
    let known: Vec<String> = routes(&world).into_iter().map(|it| it.0).collect();
    for (route, why) in OPEN {
        assert!(
            known.contains(&route.to_owned()),
            "{route} ({why}) is not in the template"
        );
    }
}
