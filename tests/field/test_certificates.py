"""Trusted certificates that the environment names: gone, empty, of another kind, or a company's own.

Sources: ContinuumIO/anaconda-issues#13509 (SSL_CERT_FILE gone), encode/httpx#302, psf/requests#3829,
rustls/rustls-native-certs (SSL_CERT_FILE and SSL_CERT_DIR), python `ssl.create_default_context` (SSLKEYLOGFILE).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY
from tests.support.fixtures.handlers import Call
from tests.support.servers.token_issuer import publishing
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured, VendorUnavailable
from workspace_exports.network.certificates import AWS
from workspace_exports.network.http_client import open_client
from workspace_exports.storage.store import open_store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
CANARY = "canary-path"
CERTIFICATE = "-----BEGIN CERTIFICATE-----"


def gone(folder: Path) -> Path:
    return folder / "gone.pem"


def a_folder(folder: Path) -> Path:
    return folder


def empty(folder: Path) -> Path:
    (folder / "empty.pem").touch()
    return folder / "empty.pem"


def text(folder: Path) -> Path:
    (folder / "text.pem").write_text("no certificate")
    return folder / "text.pem"


def a_key_alone(folder: Path) -> Path:
    (folder / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    return folder / "key.pem"


def der(folder: Path) -> Path:
    (folder / "ca.der").write_bytes(b"\x30\x82\x03\x01\x00")
    return folder / "ca.der"


def cut_off(folder: Path) -> Path:
    (folder / "cut.pem").write_text(f"{CERTIFICATE}\nMIIB")
    return folder / "cut.pem"


def garbled(folder: Path) -> Path:
    (folder / "garbled.pem").write_text(f"{CERTIFICATE}\nAAAA\n-----END CERTIFICATE-----\n")
    return folder / "garbled.pem"


def too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


UNUSABLE = [
    (gone, "cannot be read \\(No such file"),
    (a_folder, "cannot be read \\(Is a directory"),
    (empty, "holds no certificate in PEM"),
    (text, "holds no certificate in PEM"),
    (a_key_alone, "holds no certificate in PEM"),
    (der, "holds no certificate in PEM"),
    (cut_off, "holds no certificate in PEM"),
    (garbled, "holds a certificate that cannot be read"),
    (too_long, "cannot be read \\(File name too long"),
]
MADE = [make for make, _ in UNUSABLE]
EVERY_UNUSABLE = pytest.mark.parametrize(("make", "says"), UNUSABLE, ids=[make.__name__ for make in MADE])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / CANARY).mkdir()
    return tmp_path / CANARY


@EVERY_UNUSABLE
@FOLDER
def test_a_file_of_no_use_is_told_by_the_variables_name_before_any_call(
    make: Callable[[Path], Path],
    says: str,
    folder: Path,
    start: Call,
    environment: pytest.MonkeyPatch,
    vendor: VendorStandIn,
) -> None:
    environment.setenv("SSL_CERT_FILE", str(make(folder)))
    with pytest.raises(Misconfigured, match=f"^SSL_CERT_FILE: {says}") as caught:
        start(kind="connection-records", day=DAY)
    assert CANARY not in str(caught.value)
    assert vendor.requests == ()


@EVERY_UNUSABLE
@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_same_holds_for_the_storage(
    name: str, make: Callable[[Path], Path], says: str, folder: Path, s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.setenv(name, str(make(folder)))
    with pytest.raises(Misconfigured, match=f"^{name}: {says}") as caught:
        open_store("s3://bucket/p")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("make", [gone, empty, garbled, der, text])
def test_folders_of_no_use_are_told_by_the_variables_name(make: Callable[[Path], Path], folder: Path) -> None:
    made = make(folder)
    value = str(made if make is gone else folder)
    with pytest.raises(Misconfigured, match=r"(?s)^SSL_CERT_DIR: .*folders with certificates") as caught:
        open_client(environment={"SSL_CERT_DIR": value})
    assert CANARY not in str(caught.value)


@pytest.fixture
def company(folder: Path) -> Iterator[tuple[str, Path]]:
    """A server whose certificate only that file knows."""
    with publishing(folder / "company.pem") as issuer:
        yield issuer.url, folder / "company.pem"


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"])
class TestACompanysOwn:
    def test_is_trusted_by_a_client_for_aws_and_by_one_for_the_vendor_if_it_is_not_awss(
        self, name: str, company: tuple[str, Path]
    ) -> None:
        url, file = company
        environment = {name: str(file.parent if name == "SSL_CERT_DIR" else file)}
        with open_client(url, environment=environment, trust=AWS) as http:
            assert http.get("/keys").status_code == 200
        with open_client(url, environment=environment) as http:
            if name == "AWS_CA_BUNDLE":
                with pytest.raises(httpx.ConnectError):
                    http.get("/keys")
            else:
                assert http.get("/keys").status_code == 200

    def test_is_trusted_by_the_storage(
        self, name: str, company: tuple[str, Path], s3_environment: pytest.MonkeyPatch
    ) -> None:
        url, file = company
        s3_environment.setenv("AWS_ENDPOINT_URL", url)
        s3_environment.setenv(name, str(file.parent if name == "SSL_CERT_DIR" else file))
        assert b"jwks_uri" in (open_store("s3://bucket").read("x") or b"")


def test_the_storages_own_variable_comes_first(
    company: tuple[str, Path], folder: Path, s3_environment: pytest.MonkeyPatch
) -> None:
    url, file = company
    s3_environment.setenv("AWS_ENDPOINT_URL", url)
    s3_environment.setenv("AWS_CA_BUNDLE", str(file))
    s3_environment.setenv("SSL_CERT_FILE", str(gone(folder)))
    assert b"jwks_uri" in (open_store("s3://bucket").read("x") or b"")


def test_an_empty_variable_is_none_for_the_storage_too(
    company: tuple[str, Path], s3_environment: pytest.MonkeyPatch
) -> None:
    s3_environment.setenv("SSL_CERT_FILE", " ")
    s3_environment.setenv("AWS_ENDPOINT_URL", company[0])
    with pytest.raises(ArchiveUnavailable, match="TLS: InvalidCertificate, UnknownIssuer"):
        open_store("s3://bucket").read("x")


class TestAConnectionThatIsNotTrusted:
    def test_to_the_storage_says_tls_and_names_the_variables(
        self, company: tuple[str, Path], s3_environment: pytest.MonkeyPatch
    ) -> None:
        s3_environment.setenv("AWS_ENDPOINT_URL", company[0])
        with pytest.raises(ArchiveUnavailable, match="TLS: InvalidCertificate, UnknownIssuer") as caught:
            open_store("s3://bucket").read("x")
        assert "AWS_CA_BUNDLE or SSL_CERT_FILE" in str(caught.value)

    def test_to_a_storage_that_speaks_no_tls_says_tls(
        self, s3_endpoint: str, s3_environment: pytest.MonkeyPatch
    ) -> None:
        s3_environment.setenv("AWS_ENDPOINT_URL", s3_endpoint.replace("http:", "https:"))
        with pytest.raises(ArchiveUnavailable, match=r"(?s)TLS: .*AWS_ENDPOINT_URL"):
            open_store("s3://bucket").read("x")

    @FOLDER
    def test_to_the_vendor_says_tls_and_names_the_variable(
        self, company: tuple[str, Path], start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("WORKSPACE_ENDPOINT", company[0])
        with pytest.raises(VendorUnavailable, match=r"no trusted TLS connection to 127.0.0.1:\d+") as caught:
            start(kind="connection-records", day=DAY)
        assert "set SSL_CERT_FILE" in str(caught.value)


def test_no_key_of_a_connection_is_written_to_a_file(
    company: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, file = company
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    with open_client(url, environment={"SSL_CERT_FILE": str(file)}) as http:
        http.get("/keys")
    assert not (tmp_path / "keys.log").exists()
