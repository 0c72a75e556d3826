"""What the deployed functions ask of AWS, from the requests that the local engine has seen.

A use is one line: the function, the operation, on what, and what went with the request that a policy can ask for.
`FetchFile PutObject manifests/* if-none-match key tags`
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from local.engine import Call
from tests.permissions.places import place_of

USES = Path(__file__).with_name("uses.json")

_BY_QUERY = {
    ("GET", "list-type"): "ListObjectsV2",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("PUT", "partNumber"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
_PLAIN = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_NOT_FOUND = 404
_SSE = "x-amz-server-side-encryption"


@dataclass(frozen=True, slots=True)
class Stage:
    """The names that a deployment has given to what the functions call.

    Attributes:
        functions: logical names, without `Function`, by the functions' own.
        bucket: of the archive.
        prefix: of every key in it, with a slash at its end.
        key_arn: of the KMS key of the archive.
        names: what is called besides, by ARN.
    """

    functions: Mapping[str, str]
    bucket: str
    prefix: str
    key_arn: str
    names: Mapping[str, str]


def uses_of(stage: Stage, calls: Iterable[Call]) -> set[str]:
    """Return the uses that the calls of functions make; those of tests and tools are left out."""
    return {
        f"{function} {use}"
        for call in calls
        if (function := stage.functions.get(call.function or ""))
        for use in (_of_storage(stage, call) if "x-amz-target" not in call.headers else _of_service(stage, call))
    }


def required() -> dict[str, list[str]]:
    """Return the recorded uses, each under the test that has to show it."""
    recorded: dict[str, list[str]] = json.loads(USES.read_text(encoding="utf-8"))
    return recorded


def known() -> set[str]:
    """Return every recorded use."""
    return {use for uses in required().values() for use in uses}


def found_or_not(uses: Iterable[str]) -> set[str]:
    """Return the uses without whether an object was there."""
    return {use.removesuffix(" missing") for use in uses}


def _of_service(stage: Stage, call: Call) -> Iterator[str]:
    operation, asked = call.headers["x-amz-target"].rpartition(".")[2], json.loads(call.body)
    arn = next(str(asked[field]) for field in ("SecretId", "stateMachineArn", "executionArn") if field in asked)
    machine, execution, name = arn.partition(":execution:")
    arn = f"{machine}:stateMachine:{name.partition(':')[0]}" if execution else arn
    yield f"{operation} {stage.names.get(arn, 'elsewhere')}"


def _of_storage(stage: Stage, call: Call) -> Iterator[str]:
    path, _, text = call.target.partition("?")
    query = dict(parse_qsl(text, keep_blank_values=True))
    bucket, _, key = path.removeprefix("/").partition("/")
    if bucket != stage.bucket:
        return  # that of a test of a bucket that is not there
    named = [operation for (method, name), operation in _BY_QUERY.items() if method == call.method and name in query]
    operation = named[0] if named else _PLAIN.get(call.method, f"{call.method}-{call.target}")
    if operation == "ListObjectsV2":
        folder = query["prefix"].removeprefix(stage.prefix).partition("/")[0]
        yield f"{operation} {folder or ''}/*"
        return
    yield " ".join((operation, place_of(key.removeprefix(stage.prefix)), *_said(stage, call)))


def _said(stage: Stage, call: Call) -> Iterator[str]:
    """What went with the request, or came back, that decides which permissions it takes."""
    headers = call.headers
    if "if-none-match" in headers and call.method != "GET":
        yield "if-none-match"
    if _SSE in headers:
        is_key = (headers[_SSE], headers.get(f"{_SSE}-aws-kms-key-id")) == ("aws:kms", stage.key_arn)
        yield "key" if is_key else "another-key"
    if any(name.startswith(f"{_SSE}-customer") for name in headers):
        yield "customer-key"
    if "x-amz-tagging" in headers:
        yield "tags"
    if "x-amz-copy-source" in headers:
        yield "copy"
    if call.method in {"GET", "HEAD"} and call.status == _NOT_FOUND:
        yield "missing"
