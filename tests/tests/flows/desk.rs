//! The way from an operator's machine to the table, over a real socket, and what is said when it is not found.

use super::door::{lead, post, world};
use clap::Parser as _;
use concord::bars::Bars;
use concord::connect::connect;
use concord::{Cli, run};
use local::aws::serve;
use local::world::World;
use serde_json::Value;
use tokio::net::TcpListener;

async fn endpoint(world: &World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, world.aws.clone()));
    url
}

fn settings(of: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
    let of: Vec<(String, String)> = of.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    move |name: &str| of.iter().find(|it| it.0 == name).map(|it| it.1.clone())
}

#[tokio::test]
async fn endpoint_and_table_of_the_local_bundle_are_enough() {
    let world = world().await;
    post(&world, &lead()).await;
    world.settle().await;
    let url = endpoint(&world).await;
    let table = &world.template.table.as_ref().unwrap().name;
    let known = settings(&[("AWS_ENDPOINT_URL", &url), ("TABLE_NAME", table)]);
    let app = connect(&known).await.unwrap();
    let cli = Cli::try_parse_from(["concord", "status", "--json"]).unwrap();
    let status = run(&app, &cli, &mut Bars::new(true)).await.unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["systems"][1]["total"], 1, "{status:#}");

    let other = settings(&[("AWS_ENDPOINT_URL", &url), ("TABLE_NAME", "lunch")]);
    let error = connect(&other).await.unwrap_err();
    assert_eq!(error.to_string(), "TABLE_NAME: there is no table called lunch");
}

#[tokio::test]
async fn a_missing_setting_is_one_line_that_names_it() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "AWS_ACCESS_KEY_ID: is not set"),
        (&keys[..1], "AWS_SECRET_ACCESS_KEY: is not set"),
        (&keys, "AWS_REGION: is not set"),
        (
            &[("AWS_PROFILE", "work")],
            r#"AWS_ACCESS_KEY_ID: is not set (profiles are not read: eval "$(aws configure export-credentials --format env)")"#,
        ),
    ];
    for (known, wanted) in cases {
        let error = connect(&settings(known)).await.unwrap_err();
        assert_eq!(error.to_string(), wanted);
    }
}

#[tokio::test]
async fn a_setting_that_can_not_be_read_is_named_with_its_variable() {
    let wrong = [("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), ("LEAD_SAME_EMAIL", "both")];
    let error = connect(&settings(&wrong)).await.unwrap_err().to_string();
    assert!(error.starts_with("LEAD_SAME_EMAIL: "), "{error}");
}
