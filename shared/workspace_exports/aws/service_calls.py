"""Signed calls to AWS services that use JSON, with the key of the role that this function runs as."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import httpx

from workspace_exports.aws.role import role_key
from workspace_exports.aws.sigv4 import Scope, SigV4Auth
from workspace_exports.core.errors import ExportError, Throttled, VendorUnavailable
from workspace_exports.network.aws_endpoints import domain_of, endpoint_set
from workspace_exports.network.certificates import AWS
from workspace_exports.network.connection_errors import no_answer
from workspace_exports.network.http_client import open_client

_READ_SECONDS = 5.0
_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z]+):(?P<region>[a-z0-9-]+):\d{12}:(?P<resource>.+)")
_CODE = re.compile(r"[A-Za-z]{1,64}")
_THROTTLING = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}
_PASSING = {"InternalServiceError", "InternalFailure", "ServiceUnavailable", "ExpiredTokenException"}


@dataclass(frozen=True, slots=True)
class Arn:
    """ARN of an AWS resource, with its region and the domain of its partition."""

    text: str
    region: str
    domain: str

    @classmethod
    def parse(cls, text: str, service: str, resource: str) -> Self | None:
        """Return the parts of an ARN; None if the text is no ARN of that service and resource.

        Args:
            text: the ARN.
            service: the service's name in the ARN.
            resource: a regular expression for the whole resource part.
        """
        found = _ARN.fullmatch(text)
        domain = domain_of(found["region"], found["partition"]) if found else None
        if not found or not domain or found["service"] != service or not re.fullmatch(resource, found["resource"]):
            return None
        return cls(text, found["region"], domain)


class Refusal(Exception):
    """Refusal by AWS that no retry changes.

    Attributes:
        code: AWS's own code, or the HTTP status if AWS gave no code.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class JsonService:
    """One AWS service.

    Attributes:
        title: the name in error texts.
        name: the name in its hosts and in signatures.
        target: the part before the operation in `X-Amz-Target`.
        version: the version of its JSON protocol.
        override: the AWS SDK's variable for the endpoint of this service only.
    """

    title: str
    name: str
    target: str
    version: str
    override: str

    def call(
        self, operation: str, arn: Arn, request: Mapping[str, object], environment: Mapping[str, str], doing: str
    ) -> dict[str, object]:
        """Call an operation and return the service's answer.

        Args:
            operation: the service's name for the operation.
            arn: the resource; its region and partition decide the host.
            request: the JSON to send.
            environment: the variables with the role's key and the endpoints.
            doing: the action in error texts, such as `read arn:...`.

        Raises:
            Refusal: no retry will work.
            Misconfigured: the role has no key, or an endpoint, a proxy or the trusted certificates cannot be used.
            Throttled, VendorUnavailable: a retry may work.
        """
        auth = SigV4Auth(role_key(environment), Scope(arn.region, self.name))
        headers = {
            "Content-Type": f"application/x-amz-json-{self.version}",
            "X-Amz-Target": f"{self.target}.{operation}",
        }
        try:
            with open_client(auth=auth, read_seconds=_READ_SECONDS, trust=AWS) as http:
                response = http.post(self._endpoint(arn, environment), headers=headers, json=request)
        except httpx.RequestError as error:
            raise no_answer(error, doing, self.title, f"the ARN's region and {self.override}", AWS) from error
        document = _document(response)
        if response.status_code != HTTPStatus.OK:
            raise self._passing(response, document, doing) or Refusal(_code(response, document))
        return document

    def _endpoint(self, arn: Arn, environment: Mapping[str, str]) -> str:
        return endpoint_set(environment, self.override) or f"https://{self.name}.{arn.region}.{arn.domain}"

    def _passing(self, response: httpx.Response, document: Mapping[str, object], doing: str) -> ExportError | None:
        code = _code(response, document)
        what = self.answered(doing, code)
        if code in _THROTTLING or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled(what, advice="Try again later.")
        if code in _PASSING or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return VendorUnavailable(what)
        return None

    def answered(self, doing: str, code: str) -> str:
        """Return the sentence about a refusal."""
        return f"Could not {doing}: {self.title} answered {code}"


def _code(response: httpx.Response, document: Mapping[str, object]) -> str:
    said = str(document.get("__type") or response.headers.get("x-amzn-errortype", ""))
    found = _CODE.fullmatch(said.rpartition("#")[2].partition(":")[0])
    return found[0] if found else f"HTTP {response.status_code}"


def _document(response: httpx.Response) -> dict[str, object]:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
