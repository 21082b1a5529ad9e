"""template.yaml as AWS would see it: SAM's transform, then conditions for given parameters. Nothing is fetched."""

import json
import os
import re
from functools import cache
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
NOTHING = {"Ref": "AWS::NoValue"}


class NoManagedPolicies:
    """SAM asks for AWS's ready-made policies by name; the template may use none, so there is nothing to look up."""

    def load(self) -> dict:
        return {}


@cache
def transformed() -> str:
    """The template after SAM's transform, as JSON. Conditions are still in it."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-south-1")
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam package` would put the address of the upload there.
            resource["Properties"]["CodeUri"] = "s3://code/" + resource["Properties"]["CodeUri"]
    return json.dumps(transform(template, {}, NoManagedPolicies()))


def expand(**given: str) -> dict:
    """The template as a deploy with these parameters makes it: only what then stands, without conditions."""
    template = json.loads(transformed())
    defaults = {name: it.get("Default", "") for name, it in template["Parameters"].items()}
    conditions = Conditions(template.pop("Conditions"), defaults | given)
    for section in ("Resources", "Outputs"):
        there = {name: it for name, it in template[section].items() if conditions.holds(it.pop("Condition", None))}
        template[section] = pruned(there, conditions)
    return template


class Conditions:
    """The template's conditions under given parameters."""

    def __init__(self, rules: dict, parameters: dict[str, str]):
        self.rules = rules
        self.parameters = parameters

    def holds(self, name: str | None) -> bool:
        return name is None or self.true(self.rules[name])

    def true(self, rule: dict) -> bool:
        ((function, argument),) = rule.items()
        match function:
            case "Condition":
                return self.holds(argument)
            case "Fn::Not":
                return not self.true(argument[0])
            case "Fn::And":
                return all(self.true(it) for it in argument)
            case "Fn::Or":
                return any(self.true(it) for it in argument)
            case "Fn::Equals":
                left, right = (self.parameters[it["Ref"]] if isinstance(it, dict) else it for it in argument)
                return str(left) == str(right)
        raise ValueError(f"the condition {function} is not understood")


def pruned(value, conditions: Conditions):
    """A value with each `If` decided, and without what comes to no value."""
    if isinstance(value, dict):
        if "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return pruned(yes if conditions.holds(name) else no, conditions)
        kept = ((name, pruned(it, conditions)) for name, it in value.items())
        return {name: it for name, it in kept if name == "Ref" or it != NOTHING}
    if isinstance(value, list):
        return [it for it in (pruned(item, conditions) for item in value) if it != NOTHING]
    return value


def names(value) -> set[str]:
    """What a value refers to: logical ids, parameters and pseudo parameters."""
    if isinstance(value, list):
        return set().union(*map(names, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(names, value.values()))
    if "Ref" in value:
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        attribute = value["Fn::GetAtt"]
        found.add(attribute.split(".")[0] if isinstance(attribute, str) else attribute[0])
    if "Fn::Sub" in value:
        text, own = value["Fn::Sub"], {}
        if isinstance(text, list):
            text, own = text
        found |= {it.split(".")[0] for it in re.findall(r"\$\{([^!}]+)\}", text)} - set(own)
    return found
