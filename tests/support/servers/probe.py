"""A caller for the stand-in's own tests.

It signs with the verifier's arithmetic, which the official vectors hold to account. The product signs for itself and
must never do it through here.
"""

import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Self
from urllib.parse import quote, urlsplit

import httpx

from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_SECRET_KEY, Account
from local.standin.clock import Clock, system_clock
from local.standin.messages import JSON_TYPE, Call
from local.standin.operations import OPERATIONS
from local.standin.verification import ALGORITHM, signature

Given = str | int | bool | list[str]

_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The stand-in speaks plain HTTP; loading certificates would take longer than most tests."""


class Probe:
    """One caller with one key pair, as a context manager."""

    def __init__(
        self,
        url: str,
        *,
        access_key: str = DEMO_ACCESS_KEY,
        account: Account | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.url = url
        self.clock = clock
        self.access_key, self.account = access_key, account or Account(DEMO_SECRET_KEY)
        self.http = httpx.Client(timeout=5, verify=_NO_AUTHORITIES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Given] | None = None,
        *,
        places: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Call an operation by name, its parameters wherever it carries them."""
        declared, given = OPERATIONS[operation], dict(parameters or {})
        path = declared.path.format(**{"project_id": DEMO_PROJECT_ID, **(places or {})})
        if declared.carried_in == "body":
            return self.send(declared.method, path, body=json.dumps(given).encode(), headers=headers)
        return self.send(declared.method, f"{path}{_query(given)}", headers=headers)

    def create(self, kind: str, **parameters: Given) -> str:
        """Create a task and answer its id."""
        answer = self.call(kind, parameters, places={"group_id": "group-1"}).raise_for_status()
        return str(answer.json()["task_id"])

    def listed(self, **parameters: Given) -> list[dict[str, object]]:
        """Answer one page of the list."""
        answer = self.call("list", parameters).raise_for_status()
        return [dict(item) for item in answer.json()["export_tasks"]]

    def download(self, task_id: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask for a file; ``headers`` go out unsigned."""
        return self.call("download", places={"task_id": task_id}, headers=headers)

    def send(
        self, method: str, target: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Sign and send one request."""
        call = self.signed(method, target, body)
        sent = {**dict(call.headers), **(headers or {})}
        return self.http.request(method, self.url + target, content=body or None, headers=sent)

    def signed(self, method: str, target: str, body: bytes = b"") -> Call:
        """Answer the call with every header it needs."""
        headers = {"Host": urlsplit(self.url).netloc, "X-Sdk-Date": self.clock().strftime("%Y%m%dT%H%M%SZ")}
        if body:
            headers["Content-Type"] = JSON_TYPE
        if self.account.security_token is not None:
            headers["X-Security-Token"] = self.account.security_token
        return with_authorization(
            Call(method=method, target=target, headers=tuple(headers.items()), body=body),
            self.access_key,
            self.account.secret_key,
        )


def with_authorization(call: Call, access_key: str, secret_key: str) -> Call:
    """Sign every header of a call."""
    names = sorted(name.lower() for name, _ in call.headers)
    declared = f"SignedHeaders={';'.join(names)}, Signature={signature(call, names, secret_key)}"
    return replace(call, headers=(*call.headers, ("Authorization", f"{ALGORITHM} Access={access_key}, {declared}")))


def _query(parameters: Mapping[str, Given]) -> str:
    pairs = sorted((name, text) for name, value in parameters.items() for text in _texts(value))
    return "?" + "&".join(f"{quote(name, safe='~')}={quote(text, safe='~')}" for name, text in pairs) if pairs else ""


def _texts(value: Given) -> list[str]:
    if isinstance(value, list):
        return value
    return [str(value).lower() if isinstance(value, bool) else str(value)]
