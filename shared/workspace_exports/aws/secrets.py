"""Reading one secret from AWS Secrets Manager."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from workspace_exports.aws.role import role_key
from workspace_exports.aws.signing import Scope, SigV4Auth
from workspace_exports.errors import ExportError, Misconfigured, Throttled, VendorUnavailable
from workspace_exports.loopback import is_safe_endpoint
from workspace_exports.transport import open_client

_READ_SECONDS = 5.0
_DOMAINS = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-us-gov": "amazonaws.com",
}
_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:[\w/+=.@!-]+")
_OVERRIDES = ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL")
_CODE = re.compile(r"[A-Za-z]{1,64}")
_THROTTLING = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}
_PASSING = {"InternalServiceError", "InternalFailure", "ServiceUnavailable", "ExpiredTokenException"}
_ADVICE = {
    "AccessDeniedException": "Allow the function's role secretsmanager:GetSecretValue on exactly this secret.",
    "DecryptionFailure": "Allow the function's role kms:Decrypt on the key that encrypts the secret.",
    "ResourceNotFoundException": "Create the secret, or set WORKSPACE_CREDENTIALS_SECRET_ARN to the one there is.",
}
_OTHER_ADVICE = "Check WORKSPACE_CREDENTIALS_SECRET_ARN, the secret's state and the function's role."


@dataclass(frozen=True, slots=True)
class SecretArn:
    """Where a secret is."""

    text: str
    region: str
    domain: str


def parse_arn(text: str) -> SecretArn:
    """The parts of a secret's ARN.

    Raises:
        Misconfigured: it is none.
    """
    found = _ARN.fullmatch(text)
    domain = _DOMAINS.get(found["partition"]) if found else None
    if not found or not domain:
        raise Misconfigured("WORKSPACE_CREDENTIALS_SECRET_ARN: must be the ARN of an AWS Secrets Manager secret")
    return SecretArn(text, found["region"], domain)


def read_secret(arn: str, environment: Mapping[str, str]) -> str:
    """The secret's current text, by the key of the role this function runs as.

    Raises:
        Misconfigured: AWS will go on refusing; the text has AWS's code and what to allow or set.
        Throttled, VendorUnavailable: it may work the next time.
    """
    secret = parse_arn(arn)
    auth = SigV4Auth(role_key(environment), Scope(secret.region, "secretsmanager"))
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"}
    try:
        with open_client(auth=auth, read_seconds=_READ_SECONDS) as http:
            response = http.post(_endpoint(secret, environment), headers=headers, json={"SecretId": secret.text})
    except httpx.RequestError as error:
        raise VendorUnavailable(
            f"Could not read {secret.text}: no answer from AWS Secrets Manager ({type(error).__name__})"
        ) from error
    return _secret_string(secret, response)


def _endpoint(secret: SecretArn, environment: Mapping[str, str]) -> str:
    for name in _OVERRIDES:
        if override := environment.get(name):
            if not is_safe_endpoint(override):
                raise Misconfigured(f"{name}: must be an https URL; plain http is for this machine only")
            return override
    return f"https://secretsmanager.{secret.region}.{secret.domain}"


def _secret_string(secret: SecretArn, response: httpx.Response) -> str:
    document = _document(response)
    if response.status_code != HTTPStatus.OK:
        raise _refusal(secret, response, document)
    text = document.get("SecretString")
    if not isinstance(text, str):
        raise Misconfigured(f"The secret {secret.text} holds no text: store it as a SecretString")
    return text


def _refusal(secret: SecretArn, response: httpx.Response, document: dict[str, object]) -> ExportError:
    said = str(document.get("__type") or response.headers.get("x-amzn-errortype", ""))
    found = _CODE.fullmatch(said.rpartition("#")[2].partition(":")[0])
    code = found[0] if found else f"HTTP {response.status_code}"
    what = f"Could not read {secret.text}: AWS Secrets Manager answered {code}"
    if code in _THROTTLING or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(what, advice="Try again later.")
    if code in _PASSING or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VendorUnavailable(what)
    return Misconfigured(what, advice=_ADVICE.get(code, _OTHER_ADVICE))


def _document(response: httpx.Response) -> dict[str, object]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
