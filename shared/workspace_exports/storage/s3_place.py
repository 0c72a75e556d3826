"""Place of a bucket: region, endpoint, and the form of its URL."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from workspace_exports.core.endpoints import is_loopback
from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.aws_endpoints import checked_endpoint, domain_of, endpoint_set
from workspace_exports.network.variables import is_true, value_of

_OWN = "AWS_ENDPOINT_URL_S3"
_SAME = "AWS_ENDPOINT"
"""Name that obstore uses for AWS_ENDPOINT_URL."""
_BY_HOST = "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"
_STS = "AWS_ENDPOINT_URL_STS"
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_SET_THE_REGION = "Set AWS_REGION to the region of the archive's bucket."
_REGION = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
"""Form of a region, which becomes part of a host's name."""
_ADDRESS = re.compile(r"\[.*|[0-9.]+")


def find_place(bucket: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return region and endpoints as options for obstore, with the endpoint under both names that obstore reads.

    Raises:
        Misconfigured: no valid region is set, or an endpoint is not safe or contradicts another variable.
    """
    region = _region(environment)
    domain = domain_of(region)
    root = _root(environment) or f"https://s3.{region}.{domain}"
    by_host = is_true(environment, _BY_HOST)
    endpoint = _with_bucket(root, bucket) if by_host else root
    sts = value_of(environment, _STS)
    return {
        "region": region,
        "endpoint": endpoint,
        "aws_endpoint_url_s3": endpoint,
        "virtual_hosted_style_request": str(by_host).lower(),
        "aws_endpoint_url_sts": checked_endpoint(_STS, sts) if sts else f"https://sts.{region}.{domain}",
    }


def _region(environment: Mapping[str, str]) -> str:
    """Return the region; raise if none is set, because obstore would then use us-east-1."""
    region = next((value for name in _REGIONS if (value := value_of(environment, name))), "")
    if not region:
        raise Misconfigured("AWS_REGION is missing", advice=_SET_THE_REGION)
    if not _REGION.fullmatch(region):
        raise Misconfigured("AWS_REGION is no name of a region", advice=_SET_THE_REGION)
    return region


def _root(environment: Mapping[str, str]) -> str | None:
    """Return the endpoint that is set; None if AWS's own endpoint applies."""
    found, same = endpoint_set(environment, _OWN), value_of(environment, _SAME)
    if not same:
        return found
    same = checked_endpoint(_SAME, same)
    if found not in (None, same):
        raise Misconfigured(f"{_SAME} differs from {_OWN} or AWS_ENDPOINT_URL", advice=f"Unset {_SAME}.")
    return same


def _with_bucket(root: str, bucket: str) -> str:
    """Return the endpoint with the bucket's name in its host; an endpoint that already has it stays unchanged."""
    host = urlsplit(root).netloc
    if host.startswith(f"{bucket}."):
        return root
    if is_loopback(root) or _ADDRESS.fullmatch(host.partition(":")[0]):
        raise Misconfigured(
            f"{_BY_HOST}: the endpoint is an address, which has no room for the bucket's name",
            advice=f"Unset {_BY_HOST}, or set {_OWN} to a host name.",
        )
    return root.replace("://", f"://{bucket}.", 1)
