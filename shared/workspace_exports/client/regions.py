"""Regions of the service, and the endpoints of each.

Source: the official SDK's region table, and na-mexico-1 from the international API reference. WORKSPACE_ENDPOINT and
IAM_ENDPOINT are for cases that the sources leave open, such as the European site's own domain.
"""

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

DOMAINS = frozenset({"myhuaweicloud.asia", "myhuaweicloud.cn", "myhuaweicloud.com", "myhuaweicloud.eu"})
"""Parent domains of the services on all of the vendor's sites."""


def workspace_endpoint(region: str) -> str:
    """Return the URL of the service in that region."""
    return f"https://workspace.{region}.myhuaweicloud.com"


def iam_endpoint(region: str) -> str:
    """Return the URL of that region's identity service."""
    return f"https://iam.{region}.myhuaweicloud.com"
