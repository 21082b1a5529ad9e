"""Makes up for three things that AWS does and MiniStack does not.

Before a deploy: it takes no alarm with metric math, so those are left out of what is deployed. After it: it does not import
the routes of the HTTP API's own OpenAPI body, so they are made one by one from the processed template; and it asks for a
permission `sqs:SendMessageBatch`, which AWS does not know (`sqs:SendMessage` covers batches), so whoever may do the one there
may do the other, on the same queues.

usage: gaps.py before <template> <where to write it>
       gaps.py after <stack>   (AWS_ENDPOINT_URL and credentials in the environment)
"""

import json
import sys
from pathlib import Path

import boto3
from samtranslator.yaml_helper import yaml_parse


def fit(template: Path, written: Path) -> None:
    """Writes the template without its metric math, and with the functions' code where it is."""
    document = yaml_parse(template.read_text())
    plain = {name: it for name, it in document["Resources"].items() if "Metrics" not in it["Properties"]}
    for it in plain.values():
        if it["Type"] == "AWS::Serverless::Function":
            it["Properties"]["CodeUri"] = str(template.resolve().parent / it["Properties"]["CodeUri"])
    written.write_text(json.dumps(document | {"Resources": plain}))


def add_routes(stack: str, api: str) -> int:
    """Makes the routes that the API's body names; how many."""
    processed = boto3.client("cloudformation").get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    body = json.loads(processed) if isinstance(processed, str) else processed
    paths = next(it for it in body["Resources"].values() if it["Type"] == "AWS::ApiGatewayV2::Api")
    functions = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources(stack, "AWS::Lambda::Function")}
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


def allow_batches(stack: str) -> None:
    iam = boto3.client("iam")
    for role in (it["PhysicalResourceId"] for it in resources(stack, "AWS::IAM::Role")):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            statements = json.loads(document)["Statement"] if isinstance(document, str) else document["Statement"]
            sends = [it for it in statements if it["Action"] == "sqs:SendMessage"]
            if sends:
                batches = [{**it, "Action": "sqs:SendMessageBatch"} for it in sends]
                policy = json.dumps({"Version": "2012-10-17", "Statement": batches})
                iam.put_role_policy(RoleName=role, PolicyName=f"{name}Batches", PolicyDocument=policy)


def resources(stack: str, kind: str) -> list[dict]:
    all_of_it = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return [it for it in all_of_it if it["ResourceType"] == kind]


def close(stack: str) -> tuple[str, int]:
    """What is to be made up for after a deploy; the API's id, and how many routes it has."""
    allow_batches(stack)
    api = resources(stack, "AWS::ApiGatewayV2::Api")[0]["PhysicalResourceId"]
    return api, add_routes(stack, api)


def main() -> None:
    match sys.argv[1:]:
        case ["before", template, written]:
            fit(Path(template), Path(written))
        case ["after", stack]:
            api, routes = close(stack)
            print(f"{routes} routes at http://{api}.execute-api.localhost:4566")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
