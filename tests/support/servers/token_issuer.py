"""An OpenID issuer of tokens on this machine."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from workspace_exports.core.clock import utc_now

AUDIENCE = "archive"
_KEY_ID = "only"


@dataclass(frozen=True)
class Issuer:
    """Signs tokens, and publishes its key as OpenID Connect Discovery has it."""

    url: str
    key: rsa.RSAPrivateKey

    def token(self, **changed: object) -> str:
        """A token that is good for ten minutes, but for the claims that are changed."""
        now = int(utc_now().timestamp())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "somebody", "iat": now - 60, "exp": now + 600} | changed
        signed = f"{_encoded({'alg': 'RS256', 'kid': 'only'})}.{_encoded(claims)}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"


def _encoded(document: Mapping[str, object]) -> str:
    return _base64(json.dumps(document).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@contextmanager
def publishing(certificate: Path) -> Iterator[Issuer]:
    """An issuer on https, until the block ends; its certificate is written to that file, for others to trust."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate.write_bytes(_key_and_certificate(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _answering({"keys": [_public(key)]})) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, name="issuer", daemon=True).start()
        try:
            yield Issuer(f"https://127.0.0.1:{server.server_address[1]}", key)
        finally:
            server.shutdown()


def _public(key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": _KEY_ID, "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}


def _answering(keys: Mapping[str, Any]) -> type[BaseHTTPRequestHandler]:
    class Publisher(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = f"https://{self.headers['Host']}"
            discovery = {"issuer": here, "jwks_uri": f"{here}/keys"}
            content = json.dumps(keys if self.path == "/keys" else discovery).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Publisher


def _key_and_certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
