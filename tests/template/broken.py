"""A check that can't fail checks nothing: each rule is shown a template with one thing changed, and must name it."""

from collections.abc import Callable
from copy import deepcopy

from rules import RULES
from stack import Stack

DEAD = {"deadLetterTargetArn": {"Fn::GetAtt": ["IntakeQueueDead", "Arn"]}}
OPEN = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
WIDE = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": {"Fn::GetAtt": ["Table", "Arn"]}}
NOBODY = {"Type": "AWS::SQS::Queue", "Properties": {}}
POLICY = {"Type": "AWS::IAM::Policy", "Properties": {}}


def put(path: str, value) -> Callable[[dict], None]:
    """A change: the value at a path from `Resources`, or at one from the top that begins with a slash."""

    def change(template: dict) -> None:
        at = template if path.startswith("/") else template["Resources"]
        *way, last = path.strip("/").split("/")
        for step in way:
            at = at[int(step) if isinstance(at, list) else step]
        if isinstance(at, list):
            at.insert(int(last), value)
        elif value is None:
            del at[last]
        else:
            at[last] = value

    return change


# For each rule: what is changed, and the beginning of what the rule must say.
BROKEN = {
    "mappings_report_each_message": [
        (put("ProcessWebhookWork/Properties/FunctionResponseTypes", []), "ProcessWebhookWork"),
        (put("IntakeQueueDeadMapping/Properties/FunctionResponseTypes", None), "IntakeQueueDeadMapping"),
    ],
    "mappings_are_limited": [
        (put("SyncZohoCrmLeadWork/Properties/ScalingConfig", None), "SyncZohoCrmLeadWork"),
        (put("SyncZohoCrmLeadWork/Properties/ScalingConfig", {"MaximumConcurrency": 1}), "SyncZohoCrmLeadWork"),
    ],
    "batches_have_the_sizes_that_lambda_takes": [
        (put("SyncZohoCrmLeadWork/Properties/MaximumBatchingWindowInSeconds", None), "SyncZohoCrmLeadWork: more"),
        (put("SyncZohoCrmLeadQueue/Properties/FifoQueue", True), "SyncZohoCrmLeadWork: a FIFO"),
    ],
    "messages_stay_hidden_long_enough": [
        (put("SyncZohoCrmLeadQueue/Properties/VisibilityTimeout", 181), "SyncZohoCrmLeadQueue: hidden for 181 s"),
        (put("IntakeQueue/Properties/VisibilityTimeout", None), "IntakeQueue: hidden for 30 s"),
        (put("CronSweep/Properties/Timeout", 51), "CronSweepQueue: hidden for 300 s"),
    ],
    "every_queue_is_worked_off_once": [
        (put("IntakeQueueDeadMapping", None), "IntakeQueueDead: 0"),
        (put("IntakeQueueDeadMapping/Properties/EventSourceArn", {"Ref": "IntakeQueue"}), "IntakeQueue: 2"),
    ],
    "queues_have_dead_letters": [
        (put("IntakeQueue/Properties/RedrivePolicy", None), "IntakeQueue: no dead"),
        (put("IntakeQueue/Properties/RedrivePolicy", DEAD | {"maxReceiveCount": 4}), "IntakeQueue: given up"),
        (put("IntakeQueueDead/Properties/FifoQueue", True), "IntakeQueue: its dead letters are of the other"),
    ],
    "dead_letters_are_kept_for_a_fortnight": [
        (put("IntakeQueueDead/Properties/MessageRetentionPeriod", None), "IntakeQueueDead"),
    ],
    "queues_have_alarms": [
        (put("IntakeQueueDeadAlarm", None), "IntakeQueueDead"),
        (put("IntakeQueueDeadAlarm/Properties/Threshold", 1), "IntakeQueueDead"),
        (put("IntakeQueueDeadAlarm/Properties/MetricName", "NumberOfMessagesSent"), "IntakeQueueDead"),
        (put("IntakeQueueDeadAlarm/Properties/Namespace", "AWS/SNS"), "IntakeQueueDead"),
        (put("IntakeQueueAgeAlarm/Properties/ComparisonOperator", "LessThanThreshold"), "IntakeQueue:"),
    ],
    "queues_are_encrypted": [(put("ScheduleDead/Properties/SqsManagedSseEnabled", False), "ScheduleDead")],
    "schedules_lose_nothing": [
        (put("CronSweepSchedule/Properties/Target/DeadLetterConfig", None), "CronSweepSchedule: no dead"),
        (put("CronSweepSchedule/Properties/Target/RetryPolicy", None), "CronSweepSchedule: no retry"),
        (put("CronSweepSchedule/Properties/Target/Arn", {"Ref": "CronSweep"}), "CronSweepSchedule: does not"),
    ],
    "the_sweep_knows_every_queue_that_it_feeds": [
        (put("CronSweep/Properties/Environment/Variables/QUEUE_INTAKE", None), "IntakeQueue"),
    ],
    "each_function_has_a_role_of_its_own": [
        (put("ApiLeads/Properties/Role", {"Ref": "ApiHealthRole"}), "ApiLeads: its role is ApiHealthRole"),
        (put("ApiLeads/Properties/Role", "arn:aws:iam::1:role/x"), "ApiLeads: its role is not of"),
        (put("CronSweepSchedule/Properties/Target/RoleArn", {"Ref": "ApiLeadsRole"}), "ApiLeadsRole: used by"),
    ],
    "roles_are_written_out": [
        (put("ApiLeadsRole/Properties/ManagedPolicyArns", ["arn:x"]), "ApiLeadsRole"),
        (put("More", POLICY), "More"),
    ],
    "roles_allow_nothing_with_a_star": [
        (put("ApiLeadsRole/Properties/Policies/0/PolicyDocument/Statement/0", OPEN), "ApiLeadsRole: s3:GetObject"),
        (put("ApiLeadsRole/Properties/Policies/0/PolicyDocument/Statement/0", WIDE), "ApiLeadsRole: dynamodb:*"),
        (put("ApiLeadsRole/Properties/Policies/0/PolicyDocument/Statement/0/NotAction", "x"), "ApiLeadsRole: a st"),
    ],
    "roles_are_taken_on_by_their_service_only": [
        (put("ApiLeadsRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "1"}), "ApiLeadsRole"),
    ],
    "functions_write_to_a_log_of_their_own_only": [
        (put("ApiLeads/Properties/LoggingConfig", None), "ApiLeads: no log"),
        (put("ApiLeads/Properties/LoggingConfig", {"LogGroup": {"Ref": "ApiLog"}}), "ApiLeads: no log"),
        (
            put("ApiLeadsRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource", {"Ref": "ApiLog"}),
            "ApiLeads: may write",
        ),
    ],
    "logs_end": [(put("ApiLeadsLog/Properties/RetentionInDays", None), "ApiLeadsLog")],
    "functions_state_their_timeout": [(put("ApiLeads/Properties/Timeout", None), "ApiLeads")],
    "functions_are_for_arm_by_default": [
        (put("/Parameters/Architecture/Default", "x86_64"), "Architecture"),
        (put("ApiLeads/Properties/Architectures", ["x86_64"]), "ApiLeads"),
    ],
    "variables_hold_no_secret": [
        (put("ApiLeads/Properties/Environment/Variables/CRON_SECRET", {"Ref": "x"}), "ApiLeads: CRON_SECRET sounds"),
        (put("ApiLeads/Properties/Environment/Variables/WORD", "sb_secret_x"), "ApiLeads: WORD holds"),
        (put("ApiLeads/Properties/Environment/Variables/WORD", "{{resolve:ssm:x}}"), "ApiLeads: WORD holds"),
    ],
    "variables_leave_room_for_tables_of_words": [
        (put("CronSweep/Properties/Environment/Variables/WORD", "x" * 500), "CronSweep: its variables come to"),
        (put("IntakeQueue/Properties/QueueName", {"Fn::Sub": "x" * 500}), "CronSweep: its variables come to"),
    ],
    "roles_allow_what_the_variables_name": [
        (put("ApiLeads/Properties/Environment/Variables/QUEUE_SYNC_ZOHO_CRM_LEAD", None), "ApiLeads: may sqs:Send"),
        (put("ApiLeads/Properties/Environment/Variables/QUEUE_X", {"Ref": "IntakeQueue"}), "ApiLeads: may not sqs:Se"),
        (
            put("WebhookZohoCrm/Properties/Environment/Variables/SECRETS", {"Ref": "ZohoSecret"}),
            "WebhookZohoCrm: may secretsmanager:GetSecretValue to ConcordSecret",
        ),
    ],
    "secrets_are_made_empty": [(put("ZohoSecret/Properties/SecretString", '{"a":"b"}'), "ZohoSecret")],
    "functions_have_an_alarm_on_their_errors": [
        (put("ApiLeadsErrorAlarm", None), "ApiLeads:"),
        (put("ApiLeadsErrorAlarm/Properties/Metrics/1/MetricStat/Metric/MetricName", "Throttles"), "ApiLeads:"),
        (put("ApiLeadsErrorAlarm/Properties/Metrics/0/Expression", "0"), "ApiLeads:"),
        (put("ApiLeadsErrorAlarm/Properties/Threshold", 1000), "ApiLeads:"),
        (put("ApiLeadsErrorAlarm/Properties/Metrics/1/MetricStat/Period", 86400), "ApiLeads:"),
    ],
    "what_is_scheduled_has_an_alarm_on_silence": [
        (put("CronSweepFreshAlarm/Properties/TreatMissingData", "notBreaching"), "CronSweep"),
        (put("CronZohoCrmPullEnded/Properties/LogGroupName", {"Ref": "ApiLog"}), "CronZohoCrmPull"),
    ],
    "the_table_is_safe": [
        (put("Table/DeletionPolicy", None), "Table: not kept when its stack"),
        (put("Table/UpdateReplacePolicy", "Delete"), "Table: not kept when it is"),
        (put("Table/Properties/DeletionProtectionEnabled", False), "Table: not protected"),
        (put("Table/Properties/PointInTimeRecoverySpecification", None), "Table: not recoverable"),
        (put("Table/Properties/SSESpecification", None), "Table: not encrypted"),
        (put("Table/Properties/TimeToLiveSpecification", None), "Table: not cleared"),
    ],
    "the_api_is_throttled": [
        (put("ApiApiGatewayDefaultStage/Properties/DefaultRouteSettings/ThrottlingRateLimit", None), "ApiApi"),
        (put("ApiApiGatewayDefaultStage/Properties/AccessLogSettings", None), "ApiApiGatewayDefaultStage: no access"),
    ],
    "parameters_are_described": [(put("/Parameters/Leads/Description", None), "Leads")],
    "alarms_tell_somebody": [
        (put("ApiErrorAlarm/Properties/AlarmActions", None), "ApiErrorAlarm: tells"),
        (put("ApiErrorAlarm/Properties/AlarmDescription", None), "ApiErrorAlarm: does not"),
    ],
    "nothing_refers_to_what_is_not_there": [
        (put("Table", None), "ApiLeads: there is no Table"),
        (put("/Outputs/More", {"Value": {"Fn::Sub": "${Gone.Arn}"}}), "More: there is no Gone"),
        (put("ApiLeads/DependsOn", "Gone"), "ApiLeads: there is no Gone"),
    ],
    "nothing_is_left_over": [
        (put("More", NOBODY), "More"),
        (put("ProcessWebhookWork", None), "ProcessWebhook:"),
    ],
}


def unseen(template: dict) -> list[str]:
    """The rules that do not see what is broken, or were never shown anything."""
    wrong = [f"{name} is shown nothing broken" for name in RULES.keys() - BROKEN.keys()]
    for name, cases in BROKEN.items():
        for number, (change, said) in enumerate(cases, 1):
            changed = deepcopy(template)
            change(changed)
            if not any(it.startswith(said) for it in RULES[name](Stack(changed))):
                wrong.append(f"{name} does not see its broken template {number} ({said})")
    return wrong
