"""The template in each partition of AWS: no ARN and no address is that of one of them."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.template.document import ROOT, TEMPLATE

PARTITIONS = {
    "aws": ("eu-central-1", "amazonaws.com", "console.aws.amazon.com"),
    "aws-cn": ("cn-north-1", "amazonaws.com.cn", "console.amazonaws.cn"),
    "aws-eusc": ("eusc-de-east-1", "amazonaws.eu", "console.amazonaws-eusc.eu"),
    "aws-us-gov": ("us-gov-west-1", "amazonaws.com", "console.amazonaws-us-gov.com"),
}
"""By name: a region, the domain of services, and that of the console, as AWS publishes them."""
PRINCIPAL = re.compile(r"[a-z]+\.amazonaws\.com")
"""Services are called so in policies, in every partition."""


def filled(value: dict[str, Any], partition: str) -> str:
    """Return an output's text in a partition; resources are called by their logical names."""
    region, domain, _ = PARTITIONS[partition]
    text, words = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
    known = {"AWS::Region": region, "AWS::URLSuffix": domain, "AWS::Partition": partition}
    for name, word in words.items():
        table, key, field = word["Fn::FindInMap"]
        known[name] = TEMPLATE["Mappings"][table][known[key["Ref"]]][field]
    return re.sub(r"\$\{([\w:]+)\}", lambda found: known.get(found[1], found[1]), text)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_dashboard_is_in_the_partitions_own_console(partition: str) -> None:
    region, _, console = PARTITIONS[partition]
    url = urlsplit(filled(TEMPLATE["Outputs"]["DashboardUrl"]["Value"], partition))
    assert (url.scheme, url.hostname) == ("https", f"{region}.{console}")
    assert (url.path, url.query) == ("/cloudwatch/home", f"region={region}")
    assert url.fragment == "dashboards:name=Dashboard"


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_api_is_below_the_partitions_own_domain(partition: str) -> None:
    region, domain, _ = PARTITIONS[partition]
    url = urlsplit(filled(TEMPLATE["Outputs"]["ApiUrl"]["Value"], partition))
    assert url.hostname == f"archiveapi.execute-api.{region}.{domain}"


def test_each_partition_that_is_promised_has_what_it_needs() -> None:
    promised = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8").split("## Partitions\n")[1].split("\n## ")[0]
    assert (
        set(re.findall(r"`(aws[a-z-]*)`", promised)) == PARTITIONS.keys() == TEMPLATE["Mappings"]["Partitions"].keys()
    )


def texts(node: Any) -> Iterator[str]:
    """Yield every text that CloudFormation acts upon."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in {"Description", "AlarmDescription"}:
                yield from texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)
    elif isinstance(node, str):
        yield node


def test_no_arn_and_no_address_is_of_one_partition() -> None:
    acted_upon = {name: TEMPLATE[name] for name in ("Conditions", "Globals", "Outputs", "Resources")}
    of_one = [
        text
        for text in texts(acted_upon)
        if re.search(r"arn:(?!\$\{(AWS::)?Partition\})|aws\.amazon\.|amazonaws", text) and not PRINCIPAL.fullmatch(text)
    ]
    assert of_one == []
