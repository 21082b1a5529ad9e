//! Queues, their consumers, dead letters, alarms and schedules.
//!
//! The numbers (visibility, receives, batches above ten need a window) are AWS's: Lambda's guide, "Using Lambda with
//! Amazon SQS", <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.

use crate::tree;
use local::schedule::Schedule;
use local::template::{Function, QueueEvent, QueueResource, Template};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The longest that SQS keeps a message.
const FORTNIGHT: Duration = Duration::from_secs(14 * 24 * 3600);

fn problems(text: &str) -> Vec<String> {
    let template = tree::template(text);
    let resources = tree::resources(text);
    let of_queues = template
        .queues
        .iter()
        .flat_map(|queue| of_queue(queue, &template, &resources));
    let mappings = template
        .functions
        .iter()
        .flat_map(|function| function.queues.iter().map(move |event| (function, event)));
    let of_mappings = mappings.flat_map(|(function, event)| of_mapping(function, event, &template));
    let of_schedules = of_schedules(&template, &resources);
    of_queues.chain(of_mappings).chain(of_schedules).collect()
}

fn of_queue(queue: &QueueResource, template: &Template, resources: &Map<String, Value>) -> Vec<String> {
    let id = &queue.logical_id;
    let is_dead = id.ends_with("Dead");
    let consumers: Vec<&str> = consumers(id, template).map(|function| function.name.as_str()).collect();
    let mut wrong = if is_dead {
        of_dead(queue, &consumers)
    } else {
        of_live(queue, &consumers)
    };
    let metric = if is_dead {
        "ApproximateNumberOfMessagesVisible"
    } else {
        "ApproximateAgeOfOldestMessage"
    };
    if !resources.values().any(|alarm| watches(alarm, id, metric)) {
        wrong.push(format!("has no alarm on {metric}"));
    }
    if resources[id]["Properties"]["SqsManagedSseEnabled"] != true {
        wrong.push("is not encrypted".into());
    }
    wrong.into_iter().map(|problem| format!("{id} {problem}")).collect()
}

fn of_dead(queue: &QueueResource, consumers: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    if consumers != ["dead_letters"] {
        wrong.push(format!("is worked off by {consumers:?}, not by dead_letters"));
    }
    if queue.retention != FORTNIGHT {
        wrong.push("does not keep dead letters for 14 days".into());
    }
    wrong
}

fn of_live(queue: &QueueResource, consumers: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    if queue.dead_letter.as_deref() != Some(format!("{}Dead", queue.logical_id).as_str()) {
        wrong.push("has no dead-letter queue of its own".into());
    }
    if queue.max_receive.is_none_or(|count| count < 5) {
        wrong.push("gives up before five receives".into());
    }
    let named = queue.name.trim_start_matches("concord-").replace('-', "_");
    let expected = if named == "intake" { "process_webhook" } else { &named };
    if consumers != [expected] {
        wrong.push(format!("is worked off by {consumers:?}, not by {expected}"));
    }
    wrong
}

fn consumers<'a>(queue: &'a str, template: &'a Template) -> impl Iterator<Item = &'a Function> {
    let works_off = move |function: &&Function| function.queues.iter().any(|event| event.queue == queue);
    template.functions.iter().filter(works_off)
}

fn watches(alarm: &Value, queue: &str, metric: &str) -> bool {
    let properties = &alarm["Properties"];
    let dimension = json!([{ "Name": "QueueName", "Value": { "Fn::GetAtt": [queue, "QueueName"] } }]);
    alarm["Type"] == "AWS::CloudWatch::Alarm"
        && properties["MetricName"] == metric
        && properties["Dimensions"] == dimension
}

fn of_mapping(function: &Function, event: &QueueEvent, template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let queue = template.queues.iter().find(|queue| queue.logical_id == event.queue);
    let least = function.timeout * 6 + event.window;
    if queue.is_none_or(|queue| queue.visibility < least) {
        wrong.push(format!("needs a visibility of {} s", least.as_secs()));
    }
    if !event.report_batch_item_failures {
        wrong.push("does not report batch item failures".into());
    }
    if event.maximum_concurrency.is_none_or(|limit| limit < 2) {
        wrong.push("has no MaximumConcurrency of two or more".into());
    }
    if event.batch_size > 10 && event.window.is_zero() {
        wrong.push("takes more than ten messages without a window".into());
    }
    let place = format!("{} from {}", function.logical_id, event.queue);
    wrong.into_iter().map(|problem| format!("{place} {problem}")).collect()
}

fn of_schedules(template: &Template, resources: &Map<String, Value>) -> Vec<String> {
    let mut problems = Vec::new();
    for schedule in &template.schedules {
        let id = &schedule.logical_id;
        if let Err(error) = Schedule::parse(&schedule.expression, &schedule.timezone) {
            problems.push(format!("{id}: {error}"));
        }
        if schedule.input.as_deref() != Some(r#"{"v":1,"activate":true}"#) {
            problems.push(format!("{id} does not send an activation"));
        }
        if !consumers(&schedule.queue, template).all(|function| function.name.starts_with("cron_")) {
            problems.push(format!("{id} does not target a cron's queue"));
        }
        if resources[id]["Properties"]["Target"]["DeadLetterConfig"].is_null() {
            problems.push(format!("{id} has no dead-letter queue"));
        }
    }
    for function in template.functions.iter().filter(|own| own.name.starts_with("cron_")) {
        let mut targets = template.schedules.iter().map(|schedule| &schedule.queue);
        if !targets.any(|target| function.queues.iter().any(|event| event.queue == *target)) {
            problems.push(format!("{} has no schedule", function.logical_id));
        }
    }
    problems
}

const CHANGES: [(&str, &str, &str); 17] = [
    (
        "VisibilityTimeout: 182",
        "VisibilityTimeout: 181",
        "needs a visibility of 182 s",
    ),
    (
        "VisibilityTimeout: 182",
        "DelaySeconds: 1",
        "needs a visibility of 182 s",
    ),
    (
        "FunctionResponseTypes: [ReportBatchItemFailures]",
        "Enabled: true",
        "does not report batch",
    ),
    (
        "ScalingConfig: { MaximumConcurrency: 5 }",
        "Enabled: true",
        "ProcessWebhook from IntakeQueue has no Max",
    ),
    (
        "MaximumConcurrency: 4",
        "MaximumConcurrency: 1",
        "SyncBackofficeLead from",
    ),
    (
        "            MaximumBatchingWindowInSeconds: 2\n",
        "",
        "more than ten messages without a window",
    ),
    ("maxReceiveCount: 5", "maxReceiveCount: 4", "IntakeQueue gives up"),
    (
        "      RedrivePolicy: { deadLetterTargetArn: !GetAtt IntakeQueueDead.Arn, maxReceiveCount: 5 }\n",
        "",
        "IntakeQueue has no dead",
    ),
    (
        "Queue: !GetAtt IntakeQueueDead.Arn",
        "Queue: !GetAtt ScheduleDead.Arn",
        "IntakeQueueDead is worked off by []",
    ),
    (
        "MessageRetentionPeriod: 1209600",
        "DelaySeconds: 1",
        "IntakeQueueDead does not keep",
    ),
    (
        "MetricName: ApproximateNumberOfMessagesVisible",
        "MetricName: NumberOfMessagesSent",
        "IntakeQueueDead has no alarm",
    ),
    (
        "Value: !GetAtt IntakeQueue.QueueName",
        "Value: !GetAtt CronSweepQueue.QueueName",
        "IntakeQueue has no alarm",
    ),
    ("      SqsManagedSseEnabled: true\n", "", "IntakeQueue is not encrypted"),
    (
        "StackName}-cron-sweep\"",
        "StackName}-sweep\"",
        "CronSweepQueue is worked off by [\"cron_sweep\"], not by sweep",
    ),
    ("rate(1 hour)", "rate(1 week)", "CronZohoCrmPullSchedule: "),
    ("'{\"v\":1,\"activate\":true}'", "'{}'", "does not send an activation"),
    (
        "        Arn: !GetAtt CronRenewQueue.Arn",
        "        Arn: !GetAtt IntakeQueue.Arn",
        "CronRenew has no schedule",
    ),
];

#[test]
fn queues_mappings_and_schedules_are_safe() {
    tree::each_is_found(problems, &CHANGES);
}
