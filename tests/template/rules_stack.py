"""The table, the API, and the template as a whole."""

from expand import names
from rules import rule
from stack import ALARM, FILTER, FUNCTION, LOG, QUEUE, ROLE, STAGE, TABLE


@rule
def the_table_is_safe(stack):
    for name, resource in stack.resources.items():
        if resource["Type"] != TABLE:
            continue
        table = resource["Properties"]
        wanted = {
            "kept when its stack goes": resource.get("DeletionPolicy") == "Retain",
            "kept when it is replaced": resource.get("UpdateReplacePolicy") == "Retain",
            "protected against deletion": table.get("DeletionProtectionEnabled") is True,
            "recoverable": table.get("PointInTimeRecoverySpecification") == {"PointInTimeRecoveryEnabled": True},
            "encrypted": table.get("SSESpecification", {}).get("SSEEnabled") is True,
            "cleared by time": table.get("TimeToLiveSpecification") == {"AttributeName": "ttl", "Enabled": True},
        }
        yield from (f"{name}: not {what}" for what, holds in wanted.items() if not holds)


@rule
def the_api_is_throttled(stack):
    for name, stage in stack.of(STAGE).items():
        limits = stage.get("DefaultRouteSettings", {})
        if not limits.get("ThrottlingRateLimit") or not limits.get("ThrottlingBurstLimit"):
            yield f"{name}: no throttling"
        if not stage.get("AccessLogSettings", {}).get("DestinationArn"):
            yield f"{name}: no access log"


@rule
def parameters_are_described(stack):
    for name, parameter in stack.template["Parameters"].items():
        if not parameter.get("Description"):
            yield f"{name}: no description"


@rule
def alarms_tell_somebody(stack):
    for name, alarm in stack.of(ALARM).items():
        if alarm.get("AlarmActions") != [{"Ref": "AlarmTopicArn"}]:
            yield f"{name}: tells nobody"
        if not alarm.get("AlarmDescription"):
            yield f"{name}: does not say what happened"


@rule
def nothing_refers_to_what_is_not_there(stack):
    known = stack.resources.keys() | stack.template["Parameters"].keys()
    for section in ("Resources", "Outputs"):
        for name, it in stack.template[section].items():
            depends = it.get("DependsOn", [])
            depends = [depends] if isinstance(depends, str) else depends
            missing = (names(it) | set(depends)) - known
            yield from (f"{name}: there is no {one}" for one in sorted(missing) if not one.startswith("AWS::"))


@rule
def nothing_is_left_over(stack):
    """Whatever only makes sense with its user: a flow that is off takes all of it along, but for its secrets, which would
    be gone for good. To be watched is no use."""
    watching = {*stack.of(ALARM), *stack.of(FILTER)}
    for kind in (FUNCTION, QUEUE, ROLE, LOG):
        for name in stack.of(kind):
            if not stack.users(name) - watching:
                yield f"{name}: nobody uses it"
