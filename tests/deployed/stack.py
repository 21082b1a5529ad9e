"""Deploys template.yaml to MiniStack with the SAM CLI, and tells what stands there, as JSON.

Three things that AWS does and MiniStack does not are made up for. It takes no alarm with metric math: those are left
out. It does not import the routes of the HTTP API's own OpenAPI body: they are made one by one from the processed
template. And it asks for a permission `sqs:SendMessageBatch`, which AWS does not know (`sqs:SendMessage` covers
batches): whoever may do the one there may do the other, on the same queues.

usage: stack.py <template> <settings.json>   (AWS_ENDPOINT_URL and credentials in the environment)
"""

import json
import subprocess
import sys
from pathlib import Path

import boto3
from samtranslator.yaml_helper import yaml_parse

STACK = "concord"


def leave_out_metric_math(template: Path) -> None:
    document = yaml_parse(template.read_text())
    plain = {name: it for name, it in document["Resources"].items() if "Metrics" not in it["Properties"]}
    template.write_text(json.dumps(document | {"Resources": plain}))


def deploy(template: str, parameters: dict[str, str]) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    sam = Path(sys.executable).with_name("sam")
    command = [
        *(str(sam), "deploy", "--template", template, "--stack-name", STACK, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset"),
        *("--no-fail-on-empty-changeset", "--parameter-overrides", *overrides),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)


def add_routes(api: str) -> int:
    """Makes the routes that the API's body names; how many."""
    processed = boto3.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    body = json.loads(processed) if isinstance(processed, str) else processed
    paths = next(it for it in body["Resources"].values() if it["Type"] == "AWS::ApiGatewayV2::Api")
    functions = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources("AWS::Lambda::Function")}
    gateway = boto3.client("apigatewayv2")
    known = {it["RouteKey"] for it in gateway.get_routes(ApiId=api).get("Items", [])}
    count = 0
    for path, methods in paths["Properties"]["Body"]["paths"].items():
        for method, operation in with_flows(methods).items():
            key = f"{method.upper()} {path}"
            uri = json.dumps(with_flows(operation)["x-amazon-apigateway-integration"]["uri"])
            function = next(name for logical, name in functions.items() if "${" + logical + ".Arn}" in uri)
            count += 1
            if key in known:
                continue
            arn = boto3.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
            made = gateway.create_integration(
                ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
            )
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")
    return count


def with_flows(value: dict) -> dict:
    """What SAM puts under the condition of a flow: all flows are on here."""
    return value["Fn::If"][1] if "Fn::If" in value else value


def allow_batches() -> None:
    iam = boto3.client("iam")
    for role in (it["PhysicalResourceId"] for it in resources("AWS::IAM::Role")):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            statements = json.loads(document)["Statement"] if isinstance(document, str) else document["Statement"]
            sends = [it for it in statements if it["Action"] == "sqs:SendMessage"]
            if sends:
                batches = [{**it, "Action": "sqs:SendMessageBatch"} for it in sends]
                policy = json.dumps({"Version": "2012-10-17", "Statement": batches})
                iam.put_role_policy(RoleName=role, PolicyName=f"{name}Batches", PolicyDocument=policy)


def resources(kind: str) -> list[dict]:
    all_of_it = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return [it for it in all_of_it if it["ResourceType"] == kind]


def main() -> None:
    template, settings = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    leave_out_metric_math(Path(template))
    deploy(template, settings["parameters"])
    allow_batches()
    secrets = boto3.client("secretsmanager")
    for name, content in settings["secrets"].items():
        secrets.put_secret_value(SecretId=f"{STACK}/{name}", SecretString=json.dumps(content))
    api = resources("AWS::ApiGatewayV2::Api")[0]["PhysicalResourceId"]
    queues = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources("AWS::SQS::Queue")}
    told = {
        "api": api,
        "routes": add_routes(api),
        "table": resources("AWS::DynamoDB::Table")[0]["PhysicalResourceId"],
        "functions": [it["PhysicalResourceId"] for it in resources("AWS::Lambda::Function")],
        "queues": queues,
    }
    # A message that dies does so in seconds, not in a quarter of an hour.
    sqs = boto3.client("sqs")
    for name in settings["impatient"]:
        sqs.set_queue_attributes(QueueUrl=queues[name], Attributes={"VisibilityTimeout": "2"})
    print(json.dumps(told))


main()
