"""Where the services of AWS are, by region and by the AWS SDK's own variables."""

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
"""The regions of each partition, and the domain of its services. Source: botocore 1.43.106, `data/partitions.json`."""

DOMAINS = tuple(sorted({domain for _, domain in _PARTITIONS.values()}))
"""Below which the services of AWS are, whatever the partition."""

_GENERAL = "AWS_ENDPOINT_URL"
_IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def domain_of(region: str, partition: str | None = None) -> str | None:
    """The domain below which the region's services are; AWS's largest for a region that no partition knows.

    Args:
        region: such as cn-north-1.
        partition: where an ARN names it; None comes back if there is no such partition.
    """
    if partition is not None:
        return _PARTITIONS[partition][1] if partition in _PARTITIONS else None
    found = (domain for regions, domain in _PARTITIONS.values() if re.fullmatch(regions, region, re.ASCII))
    return next(found, _PARTITIONS["aws"][1])


def endpoint_set(environment: Mapping[str, str], own: str) -> str | None:
    """The endpoint that is set for a service, by its own variable or else by that for all; None where none is.

    Raises:
        Misconfigured: requests must not go there.
    """
    if is_true(environment, _IGNORE):
        return None
    for name in (own, _GENERAL):
        if endpoint := value_of(environment, name):
            return checked_endpoint(name, endpoint)
    return None


def checked_endpoint(name: str, endpoint: str) -> str:
    """The endpoint in that variable, without a slash at its end.

    Raises:
        Misconfigured: requests must not go there.
    """
    if not is_safe_endpoint(endpoint):
        raise Misconfigured(f"{name}: must be an https URL; plain http is for this machine only")
    return endpoint.rstrip("/")
