//! Queues, schedules and the table.

use super::intrinsics::Scope;
use super::{Result, fail};
use crate::queues::{Redrive, Settings};
use serde_json::Value;
use std::time::Duration;

/// An `AWS::SQS::Queue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueResource {
    /// Its logical id.
    pub logical_id: String,
    /// Its name: `QueueName`, else the logical id.
    pub name: String,
    /// How long a received message stays invisible.
    pub visibility: Duration,
    /// How long a new message stays invisible.
    pub delay: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// How many receives a message has, if there is a dead-letter queue.
    pub max_receive: Option<u32>,
    /// The dead-letter queue's logical id.
    pub dead_letter: Option<String>,
}

/// An `AWS::Scheduler::Schedule` whose target is a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleResource {
    /// Its logical id.
    pub logical_id: String,
    /// `rate(…)` or `cron(…)`.
    pub expression: String,
    /// The zone of a cron; `UTC` where none is given.
    pub timezone: String,
    /// The target queue's logical id.
    pub queue: String,
    /// The message that it sends; where none is given the runner sends what the Scheduler would.
    pub input: Option<String>,
    /// False where its `State` is `DISABLED`.
    pub enabled: bool,
}

/// The `AWS::DynamoDB::Table`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableResource {
    /// Its logical id.
    pub logical_id: String,
    /// Its name: `TableName`, else the logical id.
    pub name: String,
    /// All its properties, resolved: for [`crate::dynamo::Dynamo::create_table`].
    pub properties: Value,
}

impl QueueResource {
    /// The settings for [`crate::queues::Queues::create`]; `all` are the template's queues, for the dead letters' name.
    #[must_use]
    pub fn settings(&self, all: &[Self]) -> Settings {
        let dead_letter = all
            .iter()
            .find(|other| Some(&other.logical_id) == self.dead_letter.as_ref());
        let redrive = dead_letter.zip(self.max_receive).map(|(queue, max_receive)| Redrive {
            dead_letter: queue.name.clone(),
            max_receive,
        });
        Settings {
            visibility: self.visibility,
            delay: self.delay,
            retention: self.retention,
            redrive,
        }
    }
}

pub(super) fn queue(id: &str, properties: &Value, scope: &Scope) -> Result<QueueResource> {
    let defaults = Settings::default();
    let seconds = |name: &str, default: Duration| {
        Ok(number(id, name, &properties[name], scope)?.map_or(default, Duration::from_secs))
    };
    let policy = &properties["RedrivePolicy"];
    let dead_letter = match scope.text(id, &policy["deadLetterTargetArn"])? {
        Some(arn) => Some(scope.queue_id(id, &arn)?),
        None => None,
    };
    let receives = number(id, "maxReceiveCount", &policy["maxReceiveCount"], scope)?;
    if dead_letter.is_some() && receives.is_none() {
        return fail(id, "RedrivePolicy has no maxReceiveCount");
    }
    Ok(QueueResource {
        logical_id: id.to_owned(),
        name: scope.name(id)?,
        visibility: seconds("VisibilityTimeout", defaults.visibility)?,
        delay: seconds("DelaySeconds", defaults.delay)?,
        retention: seconds("MessageRetentionPeriod", defaults.retention)?,
        max_receive: receives.and_then(|count| u32::try_from(count).ok()),
        dead_letter,
    })
}

pub(super) fn schedule(id: &str, properties: &Value, scope: &Scope) -> Result<ScheduleResource> {
    let text = |name: &str| scope.text(id, &properties[name]);
    let Some(expression) = text("ScheduleExpression")? else {
        return fail(id, "ScheduleExpression is missing");
    };
    let target = &properties["Target"];
    let Some(arn) = scope.text(id, &target["Arn"])? else {
        return fail(id, "Target.Arn is missing");
    };
    Ok(ScheduleResource {
        logical_id: id.to_owned(),
        expression,
        timezone: text("ScheduleExpressionTimezone")?.unwrap_or_else(|| "UTC".to_owned()),
        queue: scope.queue_id(id, &arn)?,
        input: scope.text(id, &target["Input"])?,
        enabled: text("State")?.as_deref() != Some("DISABLED"),
    })
}

pub(super) fn table(id: &str, properties: &Value, scope: &Scope) -> Result<TableResource> {
    Ok(TableResource {
        logical_id: id.to_owned(),
        name: scope.name(id)?,
        properties: scope.value(id, properties)?.unwrap_or_default(),
    })
}

/// A whole number, also where a parameter gives it as text.
pub(super) fn number(id: &str, name: &str, value: &Value, scope: &Scope) -> Result<Option<u64>> {
    let Some(text) = scope.text(id, value)? else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => fail(id, format!("{name}: {text:?} is no whole number")),
    }
}
