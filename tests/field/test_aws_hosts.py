"""Hosts of AWS in every partition: those of China, the European sovereign cloud and the isolated ones end otherwise.

Source: botocore, `data/partitions.json` and `data/endpoints.json`; apache/arrow-rs-object-store#172.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest

from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.aws.executions import start_execution
from workspace_exports.aws.secrets import read_secret
from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.network.aws_endpoints import domain_of
from workspace_exports.storage.s3 import lists_in_order
from workspace_exports.storage.store import open_store

ACCOUNT = "123456789012"
REGIONS = [
    ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
    ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
    ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
    ("eu-central-1", "aws", "amazonaws.com"),
    ("us-east-1", "aws", "amazonaws.com"),
    ("mx-central-1", "aws", "amazonaws.com"),
    ("moon-base-1", "aws", "amazonaws.com"),
]
EVERY_REGION = pytest.mark.parametrize(
    ("region", "partition", "domain"), REGIONS, ids=[region for region, *_ in REGIONS]
)


@EVERY_REGION
def test_a_link_leads_to_the_regions_own_host(
    region: str, partition: str, domain: str, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.delenv("AWS_ENDPOINT_URL")
    s3_environment.setenv("AWS_REGION", region)
    link = open_store("s3://bucket/p").link("x", timedelta(minutes=1))
    assert urlsplit(str(link)).netloc == f"s3.{region}.{domain}"


@EVERY_REGION
def test_a_link_to_a_bucket_with_a_host_of_its_own_leads_there(
    region: str, partition: str, domain: str, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.delenv("AWS_ENDPOINT_URL")
    s3_environment.setenv("AWS_REGION", region)
    s3_environment.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    parts = urlsplit(str(open_store("s3://bucket/p").link("x", timedelta(minutes=1))))
    assert (parts.netloc, parts.path) == (f"bucket.s3.{region}.{domain}", "/p/x")


@EVERY_REGION
def test_the_regions_own_host_promises_to_list_in_order(
    region: str, partition: str, domain: str, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.delenv("AWS_ENDPOINT_URL")
    assert lists_in_order("bucket", {"AWS_REGION": region})


def secret(arn: str, role: dict[str, str]) -> object:
    return read_secret(arn, role)


def execution(arn: str, role: dict[str, str]) -> object:
    return start_execution(arn, "name", {}, role)


@EVERY_REGION
@pytest.mark.parametrize(
    ("call", "service", "resource"),
    [(secret, "secretsmanager", "secret:a-AbCdEf"), (execution, "states", "stateMachine:a")],
    ids=["secret", "workflow"],
)
def test_a_call_goes_to_the_regions_own_host(
    call: Callable[..., object],
    service: str,
    resource: str,
    region: str,
    partition: str,
    domain: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arn = f"arn:{partition}:{service}:{region}:{ACCOUNT}:{resource}"
    with ScriptedServer(otherwise=403) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(VendorUnavailable, match="does not let through"):
            call(arn, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    assert proxy.paths == [f"{service}.{region}.{domain}:443"]


@EVERY_REGION
def test_a_web_identity_is_exchanged_at_the_regions_own_host(
    region: str, partition: str, domain: str, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.delenv("AWS_ENDPOINT_URL")
    s3_environment.setenv("AWS_REGION", region)
    store: Any = open_store("s3://bucket/p")
    assert store._objects.config["endpoint_url_sts"] == f"https://sts.{region}.{domain}"


@pytest.mark.parametrize("partition", boto3.session.Session().get_available_partitions())
def test_every_region_that_botocore_knows_is_below_its_domain(partition: str) -> None:
    session = boto3.session.Session()
    regions = session.get_available_regions("s3", partition)
    for region in regions:
        client = session.client("sts", region, aws_access_key_id="a", aws_secret_access_key="b")
        assert httpx.URL(client.meta.endpoint_url).host.endswith(f".{domain_of(region)}"), region
        client.close()
