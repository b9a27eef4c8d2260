"""What AWS's own aws-sam-translator makes of our templates, kept as JSON beside them.

Run it where aws-sam-translator is installed to write the files anew: `python sam_expansion.py`.
"""

import json
import os
import re
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
SERVERLESS = ["orders", "aggregator", "worker", "crud", "cleanup", "events", "globals"]

# What isn't carried out, so that it isn't compared: API Gateway, and permissions for it.
NOT_COMPARED = ("AWS::ApiGateway::", "AWS::ApiGatewayV2::")


def without_branches(value):
    """A value with the second branch of each Fn::If: no condition of our templates holds."""
    if isinstance(value, list):
        return [without_branches(element) for element in value]
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            return without_branches(value["Fn::If"][2])
        return {key: without_branches(member) for key, member in value.items()}
    return value


def normal(template):
    """A template's resources without what differs on purpose.

    Ids of versions and layers end in a digest there; roles are tagged there; the order of policies
    says nothing.
    """
    text = json.dumps(template["Resources"])
    for name in template["Resources"]:
        text = re.sub(rf'"{name}"', json.dumps(re.sub(r"(?<=[a-z])[0-9a-f]{10}$", "", name)), text)
    resources = without_branches(json.loads(text))
    kept = {}
    for name, resource in resources.items():
        properties = resource.setdefault("Properties", {})
        if resource["Type"].startswith(NOT_COMPARED):
            continue
        if resource["Type"] == "AWS::Lambda::Permission":
            if properties.get("Principal") == "apigateway.amazonaws.com":
                continue
        if resource["Type"] == "AWS::IAM::Role":
            properties.pop("Tags", None)
            for key in ("Policies", "ManagedPolicyArns"):
                if key in properties:
                    properties[key].sort(key=lambda policy: json.dumps(policy, sort_keys=True))
        resource.pop("Metadata", None)
        resource.pop("Condition", None)
        if isinstance(resource.get("DependsOn"), str):
            resource["DependsOn"] = [resource["DependsOn"]]
        kept[name] = resource
    return kept


def expansion(name):
    """What aws-sam-translator made of a template, as it was written down."""
    return json.loads((TEMPLATES / name / "expanded.json").read_text(encoding="utf-8"))


def main():
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    class ManagedPolicies:
        def load(self):
            return {name: f"arn:aws:iam::aws:policy/{name}" for name in (
                "AmazonDynamoDBReadOnlyAccess", "AWSLambdaExecute")}

    def local_code(value):
        """`src/` is a path here, which the translator takes only once it is in a bucket."""
        for resource in value["Resources"].values():
            properties = resource.get("Properties", {})
            for key in ("CodeUri", "ContentUri"):
                if isinstance(properties.get(key), str) and "://" not in properties[key]:
                    properties[key] = "s3://local/" + properties[key]
        function = value.get("Globals", {}).get("Function", {})
        if isinstance(function.get("CodeUri"), str):
            function["CodeUri"] = "s3://local/" + function["CodeUri"]
        return value

    for name in SERVERLESS:
        folder = TEMPLATES / name
        template = local_code(yaml_parse((folder / "template.yaml").read_text(encoding="utf-8")))
        expanded = {"Resources": normal(transform(template, {}, ManagedPolicies()))}
        (folder / "expanded.json").write_text(
            json.dumps(expanded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
