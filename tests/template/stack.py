"""An expanded template, asked by what its rules are about."""

from expand import names

FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"
ROLE = "AWS::IAM::Role"
ALARM = "AWS::CloudWatch::Alarm"
LOG = "AWS::Logs::LogGroup"
FILTER = "AWS::Logs::MetricFilter"
SCHEDULE = "AWS::Scheduler::Schedule"
SECRET = "AWS::SecretsManager::Secret"
TABLE = "AWS::DynamoDB::Table"
STAGE = "AWS::ApiGatewayV2::Stage"


class Stack:
    def __init__(self, template: dict):
        self.template = template
        self.resources: dict[str, dict] = template["Resources"]

    def of(self, kind: str) -> dict[str, dict]:
        """The properties of all resources of a type, by logical id."""
        return {name: it.get("Properties", {}) for name, it in self.resources.items() if it["Type"] == kind}

    def statements(self, role: str) -> list[dict]:
        """What a role allows."""
        policies = self.of(ROLE).get(role, {}).get("Policies", [])
        return [it for policy in policies for it in policy["PolicyDocument"]["Statement"]]

    def mappings(self) -> list[tuple[str, dict, str, str]]:
        """Each event source mapping with its properties, its queue and its function."""
        mappings = self.of(MAPPING).items()
        return [(name, it, target(it["EventSourceArn"]), target(it["FunctionName"])) for name, it in mappings]

    def dead_letter_queues(self) -> set[str]:
        """The queues to which others, or schedules, give what they can't deliver."""
        redrives = (it.get("RedrivePolicy", {}).get("deadLetterTargetArn") for it in self.of(QUEUE).values())
        schedules = (it["Target"].get("DeadLetterConfig", {}).get("Arn") for it in self.of(SCHEDULE).values())
        return {target(it) for it in [*redrives, *schedules] if it}

    def users(self, wanted: str) -> set[str]:
        """The resources that refer to this one."""
        others = ((name, it) for name, it in self.resources.items() if name != wanted)
        return {name for name, it in others if wanted in names(it.get("Properties"))}


def target(value) -> str:
    """The one thing that a value refers to; empty where there is none."""
    found = names(value)
    return found.pop() if len(found) == 1 else ""


def listed(value) -> list:
    """What IAM takes as one or as many."""
    return value if isinstance(value, list) else [value]


def metrics(alarm: dict) -> list[tuple[str, str, str]]:
    """What an alarm looks at: namespace, metric and the resource that its dimension names."""
    stats = [it["MetricStat"]["Metric"] for it in alarm.get("Metrics", []) if "MetricStat" in it]
    plain = [alarm] if "MetricName" in alarm else []
    return [(str(it["Namespace"]), it["MetricName"], target(it.get("Dimensions", []))) for it in stats + plain]
