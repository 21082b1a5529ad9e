//! Alerts reach somebody: whatever function can raise one has a filter on its log, and the filters have an alarm.

use crate::tree;
use serde_json::{Value, json};

/// Each file that raises alerts, and the functions in which it runs.
const RAISERS: [(&str, &[&str]); 5] = [
    ("shared/src/sync/dead.rs", &["dead_letters"]),
    ("shared/src/sync/renew.rs", &["cron_renew"]),
    ("shared/src/sync/sweep/feed.rs", &["cron_sweep"]),
    (
        "shared/src/sync/target/zoho_lead/key.rs",
        &["cron_renew", "sync_zoho_crm_lead"],
    ),
    ("shared/src/sync/tied.rs", &["cron_renew"]),
];
/// What `alert::raise` logs: the field's name, as it stands in a line of text.
const LINE: &str = "\"alert=\"";

fn problems(text: &str) -> Vec<String> {
    let resources = tree::resources(text);
    let functions = tree::template(text).functions;
    let raise = RAISERS.iter().flat_map(|(_, names)| names.iter());
    let raising = functions.iter().filter(|it| raise.clone().any(|name| *name == it.name));
    let mut wrong: Vec<String> = raising
        .filter(|it| !resources.values().any(|one| counts(one, &it.logical_id)))
        .map(|it| format!("{} has no filter for its alerts", it.logical_id))
        .collect();
    if !resources.values().any(watches) {
        wrong.push("nothing watches the alerts".into());
    }
    let written = resources.iter().filter(|(_, it)| is_json(it));
    wrong.extend(written.map(|(id, _)| format!("{id} logs JSON, and the filters read text")));
    wrong
}

fn metric() -> (Value, Value) {
    (json!({ "Ref": "AWS::StackName" }), json!("Alerts"))
}

/// Whether the resource counts the alerts in a function's log.
fn counts(resource: &Value, function: &str) -> bool {
    let properties = &resource["Properties"];
    let counted = &properties["MetricTransformations"][0];
    resource["Type"] == "AWS::Logs::MetricFilter"
        && properties["LogGroupName"] == json!({ "Ref": format!("{function}Log") })
        && properties["FilterPattern"] == LINE
        && counted["MetricValue"] == "1"
        && (counted["MetricNamespace"].clone(), counted["MetricName"].clone()) == metric()
}

/// Whether the resource is an alarm on the first alert that tells somebody.
fn watches(resource: &Value) -> bool {
    let properties = &resource["Properties"];
    resource["Type"] == "AWS::CloudWatch::Alarm"
        && (properties["Namespace"].clone(), properties["MetricName"].clone()) == metric()
        && properties["Threshold"] == 0
        && properties["Statistic"] == "Sum"
        && properties["AlarmActions"].to_string().contains("AlarmTopicArn")
}

fn is_json(resource: &Value) -> bool {
    !resource["Properties"]["LoggingConfig"]["LogFormat"].is_null()
}

const CHANGES: [(&str, &str, &str); 6] = [
    (
        "      LogGroupName: !Ref CronSweepLog\n",
        "      LogGroupName: !Ref ApiLog\n",
        "CronSweep has no filter",
    ),
    (
        "      LogGroupName: !Ref DeadLettersLog\n      FilterPattern: '\"alert=\"'",
        "      LogGroupName: !Ref DeadLettersLog\n      FilterPattern: ERROR",
        "DeadLetters has no filter",
    ),
    (
        "      Namespace: !Ref \"AWS::StackName\"\n      MetricName: Alerts\n",
        "      Namespace: Concord\n      MetricName: Alerts\n",
        "nothing watches",
    ),
    (
        "      LogGroupName: !Ref SyncZohoCrmLeadLog\n",
        "      LogGroupName: !Ref ApiLog\n",
        "SyncZohoCrmLead has no filter",
    ),
    (
        "      LogGroupName: !Ref CronRenewLog\n",
        "      LogGroupName: !Ref ApiLog\n",
        "CronRenew has no filter",
    ),
    (
        "LoggingConfig: { LogGroup: !Ref CronRenewLog }",
        "LoggingConfig: { LogGroup: !Ref CronRenewLog, LogFormat: JSON }",
        "CronRenew logs JSON",
    ),
];

#[test]
fn every_function_that_raises_alerts_has_a_filter_with_an_alarm() {
    tree::each_is_found(problems, &CHANGES);
}

#[test]
fn every_file_that_raises_alerts_is_known_with_its_functions() {
    let sources = ["shared/src", "functions/src"].into_iter().flat_map(tree::sources);
    let mut raising: Vec<String> = sources
        .filter(|(_, text)| text.contains("alert::raise("))
        .map(|(path, _)| path)
        .collect();
    raising.sort();
    assert_eq!(raising, RAISERS.map(|it| it.0));
}

#[test]
fn the_alert_is_logged_under_the_name_that_the_filters_seek() {
    assert!(tree::read("shared/src/alert.rs").contains("tracing::error!(alert = cause,"));
}

#[test]
fn the_end_of_a_run_is_logged_in_the_words_that_the_filters_seek() {
    assert!(tree::read("template.yaml").contains("FilterPattern: '\"run ended\"'"));
    assert!(tree::read("shared/src/sync/pull.rs").contains("\"run ended\");"));
}
