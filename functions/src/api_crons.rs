//! `POST /crons/{job}` starts a run by hand; `GET /runs/{id}` and `GET /runs?job=` show runs.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::json;
use shared::api::auth::{Scope, caller_of, scopes_of_run};
use shared::api::once::once;
use shared::api::problem;
use shared::app::App;
use shared::job::Message;
use shared::model::Class;
use shared::sync::run::{self, PULLS};

/// Needs the cron secret or a key of the crons; a run of billing is shown to a key of billing, too.
///
/// # Errors
/// When the table or the queue does not answer: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let parameters = request.path_parameters();
    let scopes = parameters.first("id").map_or(&[Scope::Crons][..], scopes_of_run);
    let Some(caller) = caller_of(&app, &request, scopes).await? else {
        return Ok(problem::unauthorised());
    };
    match (
        request.method().as_str(),
        parameters.first("job"),
        parameters.first("id"),
    ) {
        ("POST", Some(job), _) => {
            let route = format!("POST /crons/{job}");
            once(&app, &request, &caller, &route, |_| start(&app, job)).await
        }
        (_, _, Some(id)) => show(&app, id).await,
        _ => list(&app, &request).await,
    }
}

async fn start(app: &App, job: &str) -> Result<Response<Body>> {
    let deployed: Vec<&str> = PULLS.into_iter().filter(|it| app.queues.has(&run::queue(it))).collect();
    if !deployed.contains(&job) {
        let detail = format!("There is no such job; there are {}.", deployed.join(", "));
        return Ok(problem::problem(404, "No such job", &detail, Some("job")));
    }
    let id = run::begin(app, job, Class::LIVE).await?;
    // The run stands: if this message is lost, the sweep wakes the job.
    if let Err(error) = app.queues.send(&run::queue(job), &[Message::Activate]).await {
        tracing::warn!(job, error = format!("{error:#}"), "not activated; the sweep will");
    }
    Ok(problem::json(
        202,
        &json!({ "run": id, "status_url": format!("/runs/{id}") }),
    ))
}

async fn show(app: &App, id: &str) -> Result<Response<Body>> {
    Ok(match run::find(app, id).await? {
        Some(run) => problem::json(200, &run),
        None => problem::problem(404, "No such run", "No run has this id.", Some("id")),
    })
}

async fn list(app: &App, request: &Request) -> Result<Response<Body>> {
    let query = request.query_string_parameters();
    let Some(job) = query.first("job").filter(|it| PULLS.contains(it)) else {
        let detail = format!("Name a job: {}.", PULLS.join(", "));
        return Ok(problem::problem(422, "Which job?", &detail, Some("job")));
    };
    let runs = run::list(app, job, 100).await?;
    Ok(problem::json(200, &json!({ "runs": runs })))
}
