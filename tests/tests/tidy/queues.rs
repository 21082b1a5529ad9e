//! Who works off which queue, and what schedules send. Numbers, alarms and dead letters are looked at by `tests/template`.

use crate::tree;
use local::schedule::Schedule;
use local::template::{Function, QueueResource, Template};

fn problems(text: &str) -> Vec<String> {
    let template = tree::template(text);
    let of_queues = template.queues.iter().filter_map(|queue| of_queue(queue, &template));
    of_queues.chain(of_schedules(&template)).collect()
}

fn of_queue(queue: &QueueResource, template: &Template) -> Option<String> {
    let id = &queue.logical_id;
    let consumers: Vec<&str> = consumers(id, template).map(|function| function.name.as_str()).collect();
    let named = queue.name.trim_start_matches("concord-").replace('-', "_");
    let expected = match named.as_str() {
        _ if id.ends_with("Dead") => "dead_letters",
        "intake" => "process_webhook",
        named => named,
    };
    (consumers != [expected]).then(|| format!("{id} is worked off by {consumers:?}, not by {expected}"))
}

fn consumers<'a>(queue: &'a str, template: &'a Template) -> impl Iterator<Item = &'a Function> {
    let works_off = move |function: &&Function| function.queues.iter().any(|event| event.queue == queue);
    template.functions.iter().filter(works_off)
}

fn of_schedules(template: &Template) -> Vec<String> {
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
    }
    for function in template.functions.iter().filter(|own| own.name.starts_with("cron_")) {
        let mut targets = template.schedules.iter().map(|schedule| &schedule.queue);
        if !targets.any(|target| function.queues.iter().any(|event| event.queue == *target)) {
            problems.push(format!("{} has no schedule", function.logical_id));
        }
    }
    problems
}

const CHANGES: [(&str, &str, &str); 5] = [
    (
        "      EventSourceArn: !GetAtt IntakeQueueDead.Arn",
        "      EventSourceArn: !GetAtt ScheduleDead.Arn",
        "IntakeQueueDead is worked off by []",
    ),
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
fn queues_and_schedules_belong_to_their_functions() {
    tree::each_is_found(problems, &CHANGES);
}
