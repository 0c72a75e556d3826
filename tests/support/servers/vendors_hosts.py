"""The vendor's own host names, led to the stand-in: what a client does with the endpoint of a region is seen whole."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from workspace_exports.core.clock import utc_now

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Way:
    """The proxy that knows the hosts, and the file with the certificate that it shows for them."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def vendors_hosts(vendor_url: str, regions: tuple[str, ...], certificate: Path) -> Iterator[Way]:
    """Every host of the vendor's in those regions, on https, until the block ends."""
    certificate.write_bytes(_key_and_certificate(regions))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _leading_to(vendor_url, context)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), name="hosts", daemon=True).start()
        try:
            yield Way(server.server_port, certificate)
        finally:
            server.shutdown()


def _leading_to(vendor_url: str, context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    place = urlsplit(vendor_url)

    class Leader(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            with (
                context.wrap_socket(self.connection, server_side=True) as client,
                socket.create_connection((place.hostname, place.port)) as vendor,
            ):
                back = threading.Thread(target=_pour, args=(vendor, client), daemon=True)
                back.start()
                _pour(client, vendor)
                back.join()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Leader


def _pour(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            into.sendall(chunk)
    with suppress(OSError):
        into.shutdown(socket.SHUT_RDWR)


def _key_and_certificate(regions: tuple[str, ...]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "the vendor's hosts")])
    names = [x509.DNSName(f"*.{region}.myhuaweicloud.com") for region in regions]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
