"""Functions, their roles, logs, variables and alarms."""

import json
import re

from expand import names
from rules import rule
from stack import ALARM, FILTER, FUNCTION, LOG, MAPPING, QUEUE, ROLE, SCHEDULE, SECRET, listed, metrics, target

SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|CREDENTIAL|PRIVATE|_KEY")
# Keys of AWS, Supabase and Zoho, web tokens, and what CloudFormation would copy from a secret store.
SECRET_TEXT = re.compile(r"AKIA|sb_secret_|eyJ|1000\.[0-9a-f]{32}|\{\{resolve:")


@rule
def each_function_has_a_role_of_its_own(stack):
    roles = {name: target(it.get("Role", {})) for name, it in stack.of(FUNCTION).items()}
    for name, role in roles.items():
        if role != f"{name}Role" or role not in stack.of(ROLE):
            yield f"{name}: its role is {role or 'not of this template'}"
        elif stack.users(role) != {name}:
            yield f"{role}: used by {sorted(stack.users(role))}"


@rule
def roles_are_written_out(stack):
    for name, role in stack.of(ROLE).items():
        if role.get("ManagedPolicyArns"):
            yield f"{name}: has a ready-made policy"
    for name, resource in stack.resources.items():
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            yield f"{name}: a policy beside the roles"


@rule
def roles_allow_nothing_with_a_star(stack):
    for name in stack.of(ROLE):
        for statement in stack.statements(name):
            if "*" in json.dumps([statement.get("Action"), statement.get("Resource"), statement.get("Principal")]):
                yield f"{name}: {listed(statement['Action'])[0]} with a star"
            if {"NotAction", "NotResource"} & statement.keys() or statement["Effect"] != "Allow":
                yield f"{name}: a statement that is no plain permission"


@rule
def roles_are_taken_on_by_their_service_only(stack):
    for name, role in stack.of(ROLE).items():
        service = "lambda" if name[: -len("Role")] in stack.of(FUNCTION) else "scheduler"
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if statement["Principal"] != {"Service": f"{service}.amazonaws.com"}:
                yield f"{name}: taken on by {statement['Principal']}"


@rule
def functions_write_to_a_log_of_their_own_only(stack):
    for name, function in stack.of(FUNCTION).items():
        log = target(function.get("LoggingConfig", {}).get("LogGroup", {}))
        if log != f"{name}Log" or log not in stack.of(LOG):
            yield f"{name}: no log group of its own"
        writes = [it for it in stack.statements(f"{name}Role") if "logs:" in str(it["Action"])]
        if {target(on) for it in writes for on in listed(it["Resource"])} != {log}:
            yield f"{name}: may write to other logs than its own, or to none"


@rule
def logs_end(stack):
    for name, log in stack.of(LOG).items():
        if "RetentionInDays" not in log:
            yield f"{name}: kept for ever"


@rule
def functions_state_their_timeout(stack):
    for name, function in stack.of(FUNCTION).items():
        if "Timeout" not in function:
            yield f"{name}: Lambda's three seconds"


@rule
def functions_are_for_arm_by_default(stack):
    if stack.template["Parameters"]["Architecture"]["Default"] != "arm64":
        yield "Architecture: another default"
    for name, function in stack.of(FUNCTION).items():
        if function.get("Architectures") != [{"Ref": "Architecture"}]:
            yield f"{name}: not of the parameter's architecture"


@rule
def variables_hold_no_secret(stack):
    for name, function in stack.of(FUNCTION).items():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            if SECRET_NAME.search(variable) and variable != "SECRETS":
                yield f"{name}: {variable} sounds like a secret"
            if SECRET_TEXT.search(json.dumps(value)):
                yield f"{name}: {variable} holds what looks like a secret"


# Lambda's quota for a function's variables as JSON, and what people's tables of words and columns need of it, in bytes.
VARIABLES, ROOM = 4096, 1850


@rule
def variables_leave_room_for_tables_of_words(stack):
    for name, function in stack.of(FUNCTION).items():
        variables = function.get("Environment", {}).get("Variables", {}).items()
        size = sum(len(f'"{variable}":"",') + length(stack, value) for variable, value in variables)
        if size > VARIABLES - ROOM:
            yield f"{name}: its variables come to {size} bytes"


def length(stack, value) -> int:
    """How long a variable is in a stack of a usual name: longer than most, where only a deploy can tell."""
    if isinstance(value, str):
        return len(value)
    named = target(value)
    if named in stack.of(QUEUE):
        return len("concord") + len(stack.of(QUEUE)[named]["QueueName"]["Fn::Sub"]) - len("${AWS::StackName}")
    parameter = stack.template["Parameters"].get(named)
    if parameter is None:
        # ARNs of secrets, or one name or address.
        return 80 * max(1, len(names(value) & stack.of(SECRET).keys()))
    is_url = named.endswith("Url")
    return 45 if is_url else len(str(parameter.get("Default", "")))


@rule
def roles_allow_what_the_variables_name(stack):
    """A queue that is named is one that may be sent to, and so with secrets; nothing else is."""
    for name, function in stack.of(FUNCTION).items():
        variables = function.get("Environment", {}).get("Variables", {})
        queues = set().union(*(names(it) for variable, it in variables.items() if variable.startswith("QUEUE_")))
        for action, named in {
            "sqs:SendMessage": queues,
            "secretsmanager:GetSecretValue": names(variables.get("SECRETS")),
        }.items():
            fitting = [it for it in stack.statements(f"{name}Role") if action in listed(it["Action"])]
            may = set().union(*(names(it["Resource"]) for it in fitting))
            yield from (f"{name}: may {action} to {it}, which no variable names" for it in sorted(may - named))
            yield from (f"{name}: may not {action} to {it}, which a variable names" for it in sorted(named - may))


@rule
def secrets_are_made_empty(stack):
    for name, secret in stack.of(SECRET).items():
        if secret.get("SecretString") != "{}":
            yield f"{name}: its content stands in the template"


def tells_a_share(alarm):
    """Whether it fires on more than a tenth of errors, and on two at least, within the hour."""
    shown = [it for it in alarm.get("Metrics", []) if it.get("ReturnData", True)]
    periods = {it["MetricStat"]["Period"] for it in alarm.get("Metrics", []) if "MetricStat" in it}
    return (
        [it.get("Expression") for it in shown] == ["IF(errors > 1, 100 * errors / calls, 0)"]
        and (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 10)
        and all(it * alarm["EvaluationPeriods"] <= 3600 for it in periods)
    )


@rule
def functions_have_an_alarm_on_their_errors(stack):
    looked_at = {it for alarm in stack.of(ALARM).values() if tells_a_share(alarm) for it in metrics(alarm)}
    for name in stack.of(FUNCTION):
        if not {("AWS/Lambda", metric, name) for metric in ("Errors", "Invocations")} <= looked_at:
            yield f"{name}: no alarm on the share of errors"


@rule
def what_is_scheduled_has_an_alarm_on_silence(stack):
    """On calls that are missing, or on what a filter no longer counts in the function's log."""
    silent = {
        name: it
        for name, it in stack.of(ALARM).items()
        if it["ComparisonOperator"] == "LessThanThreshold" and it["TreatMissingData"] == "breaching"
    }
    counted = stack.of(FILTER).values()
    by_log = {it["MetricTransformations"][0]["MetricName"]: target(it["LogGroupName"]) for it in counted}
    watched = {by_log.get(metric, f"{on}Log") for it in silent.values() for _, metric, on in metrics(it)}
    queues = {target(it["Target"]["Arn"]) for it in stack.of(SCHEDULE).values()}
    for mapping in stack.of(MAPPING).values():
        function = target(mapping["FunctionName"])
        if target(mapping["EventSourceArn"]) in queues and f"{function}Log" not in watched:
            yield f"{function}: nobody is told when it stands still"
