"""Deploys template.yaml to MiniStack with the SAM CLI, and tells what stands there, as JSON.

usage: stack.py <template> <settings.json>   (AWS_ENDPOINT_URL and credentials in the environment)
"""

import json
import subprocess
import sys
from pathlib import Path

import boto3

from gaps import close, fit, resources

STACK = "concord"


def deploy(template: str, parameters: dict[str, str]) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    sam = Path(sys.executable).with_name("sam")
    command = [
        *(str(sam), "deploy", "--template", template, "--stack-name", STACK, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset"),
        *("--no-fail-on-empty-changeset", "--parameter-overrides", *overrides),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)


def poison(function: str, text: str) -> None:
    """Makes a function panic on each request that holds this text: only a build for tests knows the variable."""
    client = boto3.client("lambda")
    name = next(it["PhysicalResourceId"] for it in resources(STACK, "AWS::Lambda::Function") if it["LogicalResourceId"] == function)
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "PLANTED_POISON": text}}
    )


def main() -> None:
    template, settings = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    fitted = template.with_suffix(".json")
    fit(template, fitted)
    deploy(str(fitted), settings["parameters"])
    secrets = boto3.client("secretsmanager")
    for name, content in settings["secrets"].items():
        secrets.put_secret_value(SecretId=f"{STACK}/{name}", SecretString=json.dumps(content))
    for function, text in settings["poisoned"].items():
        poison(function, text)
    api, routes = close(STACK)
    queues = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources(STACK, "AWS::SQS::Queue")}
    told = {
        "api": api,
        "routes": routes,
        "table": resources(STACK, "AWS::DynamoDB::Table")[0]["PhysicalResourceId"],
        "functions": [it["PhysicalResourceId"] for it in resources(STACK, "AWS::Lambda::Function")],
        "queues": queues,
    }
    # A message that dies does so in seconds, not in a quarter of an hour.
    sqs = boto3.client("sqs")
    for name in settings["impatient"]:
        sqs.set_queue_attributes(QueueUrl=queues[name], Attributes={"VisibilityTimeout": "2"})
    print(json.dumps(told))


main()
