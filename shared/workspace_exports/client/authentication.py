"""Authentication of our requests: a signature or a token, and one retry if token or credentials are out of date."""

from collections.abc import Callable, Generator
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from workspace_exports.client.answers import parse_error
from workspace_exports.client.credentials import AccessKey, Credentials, Login
from workspace_exports.client.credentials.cache import CredentialCache
from workspace_exports.client.signing import sign
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Unauthorized
from workspace_exports.network.http_client import AS_STREAM

if TYPE_CHECKING:
    from workspace_exports.client.iam import Token
    from workspace_exports.client.tokens import Tokens

_OURS = ("Authorization", "X-Auth-Token", "X-Sdk-Date", "X-Security-Token")
_GATEWAY = b"APIG"
_STALE_TOKEN = {"APIGW.0307", "APIG.0307"}


class VendorAuth(httpx.Auth):
    """Authentication of each request by a signature or a token, for synchronous clients only.

    A request refused with 401 is retried if its token was stale, or if a second read of the source yields other
    credentials. Otherwise the refusal stands. No request is sent more than twice, because the vendor locks a key after
    six failures.
    """

    requires_request_body = True

    def __init__(self, credentials: CredentialCache, open_tokens: "Callable[[], Tokens]") -> None:
        self._cache = credentials
        self._open_tokens = open_tokens
        self._tokens: Tokens | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request once, or twice if it is refused because the token or the credentials are out of date."""
        credentials, proof = self.prove()
        _write(request, proof)
        response = yield request
        if _is_refused(request, response) and self._has_changed(credentials, response):
            _, proof = self.prove()
            _write(request, proof)
            yield request

    def prove(self) -> "tuple[Credentials, AccessKey | Token]":
        """Return the held credentials, and the proof that they add to a request: their key, or a token.

        Raises:
            Unauthorized: the vendor refuses a login, here and not at the request; a second read of the source yields
                the same login, or one that is refused too.
        """
        credentials = self._cache.current()
        try:
            return credentials, self._proof(credentials)
        except Unauthorized:
            if not self._cache.renew(credentials):
                raise
        credentials = self._cache.current()
        return credentials, self._proof(credentials)

    def _proof(self, credentials: Credentials) -> "AccessKey | Token":
        if not isinstance(credentials.identity, Login):
            return credentials.identity
        if self._tokens is None:
            self._tokens = self._open_tokens()
        return self._tokens.token(credentials.identity)

    def _has_changed(self, credentials: Credentials, response: httpx.Response) -> bool:
        response.read()  # Only a refusal is read: a file must not be read before it is streamed.
        if self._tokens:
            # For any reason given, the next call signs in anew. Otherwise it could send a voided token for a day.
            self._tokens.discard()
            if _says_stale(response):
                return True
        return self._cache.renew(credentials)


def _write(request: httpx.Request, proof: "AccessKey | Token") -> None:
    for name in _OURS:
        request.headers.pop(name, None)
    if isinstance(proof, AccessKey):
        sign(request, proof, utc_now())
    else:
        request.headers["X-Auth-Token"] = proof.value


def _is_refused(request: httpx.Request, response: httpx.Response) -> bool:
    """Return whether the status, or the code in a success, refuses the credentials. No file is read for that."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return True
    if not response.is_success or request.extensions.get(AS_STREAM):
        return False
    if _GATEWAY not in response.read():
        return False
    vendor_error = parse_error(response.headers, response.content)
    return vendor_error.names_an_error and vendor_error.status(response.status_code) == HTTPStatus.UNAUTHORIZED


def _says_stale(response: httpx.Response) -> bool:
    return parse_error(response.headers, response.content).code in _STALE_TOKEN
