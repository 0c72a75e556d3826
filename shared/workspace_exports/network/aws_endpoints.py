"""Domains and endpoints of AWS's services, by region and by the AWS SDK's own variables."""

import re
from collections.abc import Mapping

from workspace_exports.core.endpoints import is_safe_endpoint
from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.variables import is_true, value_of

_PARTITIONS = {
    "aws": (r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", "amazonaws.com"),
    "aws-cn": (r"cn-\w+-\d+", "amazonaws.com.cn"),
    "aws-eusc": (r"eusc-(de)-\w+-\d+", "amazonaws.eu"),
    "aws-iso": (r"us-iso-\w+-\d+", "c2s.ic.gov"),
    "aws-iso-b": (r"us-isob-\w+-\d+", "sc2s.sgov.gov"),
    "aws-iso-e": (r"eu-isoe-\w+-\d+", "cloud.adc-e.uk"),
    "aws-iso-f": (r"us-isof-\w+-\d+", "csp.hci.ic.gov"),
    "aws-us-gov": (r"us-gov-\w+-\d+", "amazonaws.com"),
}
"""Regions of each partition, and the domain of its services. Source: botocore 1.43.106, `data/partitions.json`."""

DOMAINS = tuple(sorted({domain for _, domain in _PARTITIONS.values()}))
"""Domains of AWS's services in all partitions."""

_GENERAL = "AWS_ENDPOINT_URL"
_IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def domain_of(region: str, partition: str | None = None) -> str | None:
    """Return the domain of a region's services; for a region of no known partition, the domain of `aws`.

    Args:
        region: a region such as cn-north-1.
        partition: the partition that an ARN names; the result is None if there is no such partition.
    """
    if partition is not None:
        return _PARTITIONS[partition][1] if partition in _PARTITIONS else None
    found = (domain for regions, domain in _PARTITIONS.values() if re.fullmatch(regions, region, re.ASCII))
    return next(found, _PARTITIONS["aws"][1])


def endpoint_set(environment: Mapping[str, str], own: str) -> str | None:
    """Return the endpoint that is set for a service by its own variable or by the variable for all services.

    The result is None if neither is set, or if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.

    Raises:
        Misconfigured: the endpoint is not safe for requests.
    """
    if is_true(environment, _IGNORE):
        return None
    for name in (own, _GENERAL):
        if endpoint := value_of(environment, name):
            return checked_endpoint(name, endpoint)
    return None


def checked_endpoint(name: str, endpoint: str) -> str:
    """Return a variable's endpoint without a slash at its end.

    Args:
        name: the variable, for the error.
        endpoint: its value.

    Raises:
        Misconfigured: the endpoint is not safe for requests.
    """
    if not is_safe_endpoint(endpoint):
        raise Misconfigured(f"{name}: must be an https URL; plain http is for this machine only")
    return endpoint.rstrip("/")
