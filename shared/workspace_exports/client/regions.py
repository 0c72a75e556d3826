"""Regions of the service, and the endpoints of each.

Source: the region tables of the official SDKs, and na-mexico-1 from the international API reference. WORKSPACE_ENDPOINT
and IAM_ENDPOINT are for cases that the sources leave open, such as the European site's own domain.
"""

import re

REGIONS = frozenset(
    {
        "af-north-1",
        "af-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "cn-east-3",
        "cn-east-5",
        "cn-north-11",
        "cn-north-4",
        "cn-north-9",
        "cn-south-1",
        "cn-southwest-2",
        "eu-west-101",
        "la-north-2",
        "la-south-2",
        "me-east-1",
        "na-mexico-1",
        "sa-brazil-1",
        "tr-west-1",
    }
)

APPSTREAM_REGIONS = frozenset({"cn-east-3", "cn-north-4", "cn-north-9", "cn-south-1", "cn-southwest-2"})
"""Regions in which application streaming has a host of its own. Elsewhere it shares the host `workspace`."""

DOMAINS = frozenset({"myhuaweicloud.asia", "myhuaweicloud.cn", "myhuaweicloud.com", "myhuaweicloud.eu"})
"""Parent domains of the services on all of the vendor's sites."""

SERVICES = ("appstream", "iam", "sts", "workspace")
"""Services that are called, by the first label of their hosts."""

_VENDORS_HOST = re.compile(
    rf"https://(?:{'|'.join(SERVICES)})(?P<region>\.[a-z]{{2}}-[a-z]+-\d{{1,3}})?\."
    rf"(?P<domain>{'|'.join(map(re.escape, sorted(DOMAINS)))})"
)


def workspace_endpoint(region: str) -> str:
    """Return the URL of the service in that region."""
    return f"https://workspace.{region}.myhuaweicloud.com"


def iam_endpoint(region: str) -> str:
    """Return the URL of that region's identity service."""
    return f"https://iam.{region}.myhuaweicloud.com"


def endpoint_beside(endpoint: str, service: str) -> str:
    """Return the URL of another of the vendor's services: the host beside the given one, in its region and domain.

    An endpoint that is not one of the vendor's own hosts, such as a company's gateway, serves all services itself.

    Args:
        endpoint: URL of one of the services, as set or by region.
        service: one of `SERVICES`.
    """
    found = _VENDORS_HOST.fullmatch(endpoint)
    if found is None:
        return endpoint
    region = found["region"] or ""
    shares_a_host = service == "appstream" and region.removeprefix(".") not in APPSTREAM_REGIONS
    return f"https://{'workspace' if shares_a_host else service}{region}.{found['domain']}"
