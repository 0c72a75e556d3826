"""The regions of the service, and the endpoints of each.

Source: the official SDK's region table, and na-mexico-1 from the international API reference. What is not settled,
such as the European site's own domain, is for WORKSPACE_ENDPOINT and IAM_ENDPOINT.
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
"""Below them are the services of all the vendor's sites."""


def workspace_endpoint(region: str) -> str:
    """Where the service is in that region."""
    return f"https://workspace.{region}.myhuaweicloud.com"


def iam_endpoint(region: str) -> str:
    """Where that region's identity service is."""
    return f"https://iam.{region}.myhuaweicloud.com"
