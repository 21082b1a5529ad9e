//! The way from a function to its table and queues: late, lossy, refusing; and reads that may be stale.

mod lag;
mod told;

use crate::chance::ms;
use crate::life::{self, Life};
use crate::sim::{Point, Sim};
use crate::table::{Change, written};
use crate::weather::{Fault, Rates};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bytes::Bytes;
use local::aws::{Answer, refused};
use local::fault::Failure;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The connector under the SDKs of one instance.
#[derive(Clone, Debug)]
pub struct AwsWire(pub Sim);

/// Longer than a function waits for an answer of AWS.
const LATE: Duration = Duration::from_secs(6);

/// One request to AWS.
struct Asked {
    target: String,
    body: Bytes,
    request: Value,
    /// Since when its items are read, one by one, in milliseconds of the Unix epoch; none: all at one moment.
    reads_since: Option<i64>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    Refused(Failure),
    LostBefore,
    LostAfter,
    Late,
    DiesBefore,
    DiesAfter,
    DiesWithAnswer,
}

impl HttpClient for AwsWire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AwsWire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sim = self.0.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
            let request = serde_json::from_slice(&body).unwrap_or_default();
            let asked = Asked {
                target,
                body,
                request,
                reads_since: None,
            };
            let answer = match life::current() {
                Some(life) => sim.ask_aws(&life, asked).await?,
                // People and the checker look without harm.
                None => sim.effect(None, &asked),
            };
            answer.into_response()
        })
    }
}

impl Asked {
    fn operation(&self) -> &str {
        self.target.split('.').next_back().unwrap_or_default()
    }

    fn is_dynamo(&self) -> bool {
        self.target.starts_with(local::dynamo::TARGET)
    }

    fn writes(&self) -> bool {
        let operation = self.operation();
        operation.contains("Write")
            || ["Put", "Update", "Delete", "Send"]
                .iter()
                .any(|it| operation.starts_with(it))
    }
}

impl Sim {
    async fn ask_aws(&self, life: &Arc<Life>, asked: Asked) -> Result<Answer, ConnectorError> {
        let number = life.begin_call();
        let what = told::told(&asked);
        let fate = self.aws_fate(life, number, &asked);
        self.called_by(life, &what.key);
        let actor = format!("{} {}", life.id, life.function);
        self.line(&actor, format_args!("{}{}", what.line, fate.told()));
        let out = self.pace.time(Duration::from_millis(1), Duration::from_millis(6));
        match fate {
            Fate::DiesBefore => match life.die().await {},
            Fate::Refused(failure) => {
                tokio::time::sleep(out).await;
                return match failure {
                    Failure::NotSent => Err(ConnectorError::io("connection refused (fault)".into()).never_connected()),
                    failure => Ok(refused(failure, &asked.target, &asked.body)),
                };
            }
            Fate::LostBefore => {
                tokio::time::sleep(out).await;
                return Err(ConnectorError::io("connection lost (fault)".into()));
            }
            _ => {}
        }
        let out = if fate == Fate::Late { LATE } else { out };
        let (out, asked) = self.torn(out, asked);
        let answer = self.on_its_way(life.id, out, asked).await;
        match fate {
            Fate::DiesAfter => match life.die().await {},
            Fate::LostAfter => return Err(ConnectorError::io("connection lost (fault)".into())),
            _ => tokio::time::sleep(Duration::from_millis(self.pace.between(1, 4))).await,
        }
        if fate == Fate::DiesWithAnswer {
            match life.die().await {}
        }
        Ok(answer)
    }

    /// DynamoDB reads each item of a batch by itself, consistent or not, and may leave some for another request: no two need
    /// be of one moment.
    fn torn(&self, out: Duration, asked: Asked) -> (Duration, Asked) {
        if asked.operation() != "BatchGetItem" || !self.fires(Fault::TornRead, self.weather.torn) {
            return (out, asked);
        }
        let reads_since = Some(self.now_ms());
        let out = out + Duration::from_millis(self.harm.between(5, 1_500));
        (out, Asked { reads_since, ..asked })
    }

    /// What has been sent arrives, also when its sender is dead by then.
    async fn on_its_way(&self, by: u64, out: Duration, asked: Asked) -> Answer {
        let (answer, arrived) = oneshot::channel();
        let sim = self.clone();
        self.spawn(async move {
            tokio::time::sleep(out).await;
            // A sender that is gone does not mind.
            let _ = answer.send(sim.effect(Some(by), &asked));
        });
        match arrived.await {
            Ok(answer) => answer,
            Err(_) => std::future::pending().await,
        }
    }

    fn aws_fate(&self, life: &Life, number: u64, asked: &Asked) -> Fate {
        let failure = if asked.is_dynamo() {
            Failure::ServerError
        } else {
            Failure::NotSent
        };
        if let (_, Some(point)) = self.next_call() {
            return match point {
                Point::DiesBefore => Fate::DiesBefore,
                Point::DiesAfter => Fate::DiesAfter,
                Point::DiesWithAnswer => Fate::DiesWithAnswer,
                Point::AnswerLost => Fate::LostAfter,
                Point::Refused => Fate::Refused(failure),
                Point::ActsAfter(_) => Fate::Late,
            };
        }
        if life.dies_before(number) {
            return Fate::DiesBefore;
        }
        if life.dies_after(number) {
            return Fate::DiesAfter;
        }
        if asked.is_dynamo() && self.is_out() {
            return Fate::Refused(failure);
        }
        self.drawn(self.weather.aws, failure, asked)
    }

    fn drawn(&self, rates: Rates, failure: Failure, asked: &Asked) -> Fate {
        let third = rates.refused.div_ceil(3);
        if self.fires(Fault::Throttled, third) {
            return Fate::Refused(Failure::Throttled);
        }
        if asked.operation() == "TransactWriteItems" && self.fires(Fault::Conflict, 3 * third) {
            return Fate::Refused(Failure::Conflict);
        }
        if self.fires(Fault::AwsRefused, third) {
            return Fate::Refused(failure);
        }
        if self.fires(Fault::AwsLostBefore, rates.lost_before) {
            return Fate::LostBefore;
        }
        if self.fires(Fault::AwsLostAfter, rates.lost_after) {
            return Fate::LostAfter;
        }
        if asked.writes() && self.fires(Fault::AwsLate, rates.late) {
            return Fate::Late;
        }
        Fate::Answered
    }

    /// The request has arrived: AWS acts.
    fn effect(&self, by: Option<u64>, asked: &Asked) -> Answer {
        let mut answer = self.world.aws.answer(&asked.target, &asked.body);
        if answer.status != 200 || !asked.is_dynamo() {
            self.wake.notify_one();
            return answer;
        }
        if asked.writes() {
            self.note_writes(by, asked);
        } else if by.is_some() {
            lag::behind(self, asked, &mut answer.body);
        }
        answer
    }

    fn note_writes(&self, by: Option<u64>, asked: &Asked) {
        let token = asked.request["ClientRequestToken"].as_str();
        // A transaction that came before is answered with success, and not run again.
        if token.is_some_and(|it| !self.history().tokens.insert(it.to_owned())) {
            return;
        }
        let read = |key: &Value| self.read_directly(&asked.request["TableName"], key);
        let at_ms = self.now_ms();
        for (key, item) in written(asked.operation(), &asked.request, read) {
            let item = item.map(Arc::new);
            self.history().table.note(Change { at_ms, key, by, item });
        }
    }

    fn read_directly(&self, table: &Value, key: &Value) -> Option<Value> {
        let request = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        let answer = self
            .world
            .aws
            .dynamo
            .answer("DynamoDB_20120810.GetItem", request.to_string().as_bytes());
        serde_json::from_slice::<Value>(&answer.1).ok()?.get("Item").cloned()
    }

    /// Counts a call by what makes it and what it is.
    pub(crate) fn called_by(&self, life: &Life, what: &str) {
        let key = format!("{} {what}", life.function);
        let mut history = self.history();
        history.sorts.push(key.clone());
        *history.calls.entry(key).or_default() += 1;
    }
}

impl Fate {
    fn told(self) -> String {
        match self {
            Self::Answered => String::new(),
            other => format!("  << {other:?}"),
        }
    }
}

/// How far a reader may be behind now, in milliseconds.
pub(crate) fn behind_ms(sim: &Sim) -> i64 {
    if !sim.is_hostile() || sim.weather.behind.is_zero() {
        return 0;
    }
    i64::try_from(sim.harm.between(0, ms(sim.weather.behind))).unwrap_or(0)
}
