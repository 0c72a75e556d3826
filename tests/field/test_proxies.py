"""Proxies that the environment names: URLs that are none, hosts that need none, libraries that look by themselves.

Sources: orbstack/orbstack#2456 (an IPv6 network in NO_PROXY), encode/httpx#1434, psf/requests#4871,
python/cpython#62507 (HTTP_PROXY in a CGI script), seanmonstar/reqwest `NoProxy`.
"""

import base64
from collections.abc import Mapping

import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY
from tests.support.fixtures.handlers import Call
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.core.errors import ArchiveUnavailable, ExportError, Misconfigured, VendorUnavailable
from workspace_exports.network.http_client import open_client
from workspace_exports.network.proxies import Proxies
from workspace_exports.storage.store import open_store

SECRET = "geheimnis"
PROXY = "http://proxy.example:3128"
FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

NO_PROXY_URL = [
    pytest.param(f"http://me:{SECRET}/1@proxy", id="slash in the password"),
    pytest.param(f"http://me:{SECRET}#1@proxy:80", id="hash in the password"),
    pytest.param(f"http://me:{SECRET}?1@proxy:80", id="question mark in the password"),
    pytest.param(f"http://me:{SECRET}@1@proxy:80", id="at sign in the password"),
    pytest.param(f"http://me:{SECRET}%zz@proxy:80", id="escape that is none"),
    pytest.param(f"me:{SECRET}@proxy:3128", id="no scheme"),
    pytest.param("proxy.example:3128", id="no scheme and no user"),
    pytest.param(f"//me:{SECRET}@proxy", id="only slashes"),
    pytest.param(f"http://me:{SECRET}@proxy:port", id="port in letters"),
    pytest.param(f"http://me:{SECRET}@proxy:99999", id="port too high"),
    pytest.param(f"http://me:{SECRET}@proxy:0", id="port zero"),
    pytest.param(f"ftp://me:{SECRET}@proxy", id="another scheme"),
    pytest.param(f"socks5://me:{SECRET}@proxy:1080", id="socks5"),
    pytest.param(f"socks5h://me:{SECRET}@proxy:1080", id="socks5h"),
    pytest.param(f"http://me:{SECRET}@pro xy:80", id="blank in the host"),
    pytest.param(f"http://me:{SECRET} 1@proxy:80", id="blank in the password"),
    pytest.param(f"http://me:{SECRET}\n@proxy:80", id="line break"),
    pytest.param(f"http://me:{SECRET}\x07@proxy:80", id="control character"),
    pytest.param(f"http://me:{SECRET}\u00e9@proxy:80", id="letter with an accent"),
    pytest.param(f"http://me:{SECRET}@", id="no host"),
    pytest.param(f"http://me:{SECRET}@[fd07::zz]:80", id="address of IPv6 that is none"),
    pytest.param(f"http://me:{SECRET}@10.0.0.256:80", id="address of IPv4 that is none"),
    pytest.param(f"http://me:{SECRET}@a..b:80", id="empty label"),
    pytest.param(f"http://me:{SECRET}@{'a' * 64}.example:80", id="label too long"),
    pytest.param(f"http://me:{SECRET}@proxy:80/pac", id="path"),
    pytest.param(f"'http://me:{SECRET}@proxy:80'", id="quotes"),
]
NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]


@FOLDER
class TestAUrlThatIsNone:
    @pytest.mark.parametrize("url", NO_PROXY_URL)
    def test_is_told_by_the_variables_name_before_any_call(
        self, url: str, start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn
    ) -> None:
        environment.setenv("HTTPS_PROXY", url)
        with pytest.raises(Misconfigured, match=r"^HTTPS_PROXY: is not the URL of an HTTP proxy") as caught:
            start(kind="connection-records", day=DAY)
        assert SECRET not in str(caught.value)
        assert "proxy:80" not in str(caught.value)
        assert vendor.requests == ()

    @pytest.mark.parametrize("name", NAMES)
    def test_counts_in_every_variable_that_a_library_reads(
        self, name: str, start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv(name, f"http://me:{SECRET}/1@proxy")
        with pytest.raises(Misconfigured, match=f"^{name}: ") as caught:
            start(kind="connection-records", day=DAY)
        assert SECRET not in str(caught.value)


def test_a_proxy_of_the_storages_that_is_none_is_told_as_well(bucket: str, s3_environment: pytest.MonkeyPatch) -> None:
    s3_environment.setenv("HTTPS_PROXY", f"http://me:{SECRET}/1@proxy")
    with pytest.raises(Misconfigured, match=r"^HTTPS_PROXY: ") as caught:
        open_store(f"s3://{bucket}/p")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://proxy.example",
        "http://proxy.example/",
        "HTTP://PROXY.EXAMPLE:3128",
        "https://proxy.example:443",
        "http://me@proxy.example:3128",
        "http://me:@proxy.example:3128",
        "http://me:p%2Fq%40r@proxy.example:3128",
        "http://me:a-b_c.d~e!$&'()*+,;=:f@proxy.example",
        "http://10.0.0.1:3128",
        "http://[fd07::1]:3128",
        "http://proxy_1.corp:3128",
        f" {PROXY}\r\n",
    ],
)
def test_a_proxy_as_people_write_it_is_taken(url: str) -> None:
    environment = {"HTTPS_PROXY": url}
    assert Proxies.read(environment).proxy_for("https", "a.example") == url.strip()
    open_client(environment=environment).close()


@pytest.mark.parametrize(
    ("exceptions", "host", "port", "is_direct"),
    [
        ("*", "a.example", None, True),
        ("b.example, *", "a.example", None, True),
        ("a.example", "a.example", None, True),
        ("a.example", "deep.a.example", None, True),
        ("a.example", "nota.example", None, False),
        (".a.example", "a.example", None, True),
        (".a.example", "deep.a.example", None, True),
        ("*.a.example", "deep.a.example", None, True),
        ("A.EXAMPLE", "a.example", None, True),
        ("a.example.", "a.example", None, True),
        ("a.example", "a.example.", None, True),
        ("a.example:8443", "a.example", 8443, True),
        ("a.example:8443", "a.example", None, False),
        ("a.example:443", "a.example", None, True),
        ("https://a.example", "a.example", None, True),
        ("b.example,,  ,a.example", "a.example", None, True),
        ("b.example a.example", "a.example", None, True),
        ("10.0.0.0/8", "10.1.2.3", None, True),
        ("10.0.0.0/8", "11.1.2.3", None, False),
        ("10.1.2.3/8", "10.9.9.9", None, True),
        ("10.1.2.3", "10.1.2.3", None, True),
        ("10.1.2.3:8443", "10.1.2.3", 8443, True),
        ("10.1.2.3:8443", "10.1.2.3", 443, False),
        ("fd07:b51a:cc66:f0::/64", "a.example", None, False),
        ("fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f0::9", None, True),
        ("fd07::1", "fd07::1", None, True),
        ("[fd07::1]", "fd07::1", None, True),
        ("[fd07::1]:8443", "fd07::1", 8443, True),
        ("[fd07::1]:8443", "fd07::1", 443, False),
        ("fe80::1%eth0", "a.example", None, False),
        ("10.0.0.0/99", "10.0.0.1", None, False),
        ("[", "a.example", None, False),
        (":::", "a.example", None, False),
        ("://", "a.example", None, False),
        ("a.example:port", "a.example", None, False),
        (".", "a.example", None, False),
        ("\x07", "a.example", None, False),
        ("", "a.example", None, False),
    ],
)
def test_a_host_in_no_proxy_is_reached_directly_and_no_entry_is_fatal(
    exceptions: str, host: str, port: int | None, *, is_direct: bool
) -> None:
    environment = {"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}
    open_client(environment=environment).close()
    assert Proxies.read(environment).proxy_for("https", host, port) == (None if is_direct else PROXY)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_this_machine_is_reached_without_a_proxy(host: str) -> None:
    proxies = Proxies.read({"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY})
    assert (proxies.proxy_for("http", host, 80), proxies.proxy_for("https", host, 443)) == (None, None)


@pytest.mark.parametrize(
    ("environment", "http", "https"),
    [
        ({"HTTPS_PROXY": "http://upper", "https_proxy": "http://lower"}, None, "http://lower"),
        ({"HTTPS_PROXY": "http://upper", "https_proxy": ""}, None, None),
        ({"ALL_PROXY": "http://all"}, "http://all", "http://all"),
        ({"ALL_PROXY": "http://all", "all_proxy": "http://lower"}, "http://lower", "http://lower"),
        ({"ALL_PROXY": "http://all", "HTTPS_PROXY": "http://https"}, "http://all", "http://https"),
        ({"HTTP_PROXY": "http://http"}, "http://http", None),
        ({"HTTP_PROXY": "http://http", "REQUEST_METHOD": "GET"}, None, None),
        ({"http_proxy": "http://http", "REQUEST_METHOD": "GET"}, "http://http", None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "", "no_proxy": "*"}, None, None),
        ({"HTTPS_PROXY": "http://https", "NO_PROXY": "*", "no_proxy": ""}, None, "http://https"),
        ({"ALL_PROXY": "socks5://x", "HTTP_PROXY": "http://a", "HTTPS_PROXY": "http://b"}, "http://a", "http://b"),
        ({}, None, None),
    ],
)
def test_the_variable_that_counts_is_the_one_that_counts_in_pythons_own_library(
    environment: Mapping[str, str], http: str | None, https: str | None
) -> None:
    proxies = Proxies.read(environment)
    assert (proxies.proxy_for("http", "a.example"), proxies.proxy_for("https", "a.example")) == (http, https)


class TestOnTheWire:
    @pytest.fixture(params=["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    def variable(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_the_vendor_is_called_through_the_proxy_with_the_password_given(
        self, variable: str, start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        with ScriptedServer(otherwise=403) as proxy:
            environment.setenv("WORKSPACE_ENDPOINT", "https://a.example")
            environment.setenv(variable, f"http://me:{SECRET}%2F1@127.0.0.1:{proxy.port}")
            with pytest.raises(VendorUnavailable, match="the proxy in HTTPS_PROXY does not let through") as caught:
                start(kind="connection-records", day=DAY)
        assert set(proxy.paths) == {"a.example:443"}
        assert (
            proxy.requests[0][2]["proxy-authorization"]
            == "Basic " + base64.b64encode(f"me:{SECRET}/1".encode()).decode()
        )
        assert SECRET not in str(caught.value)

    def test_the_storage_is_called_through_the_proxy_with_the_password_given(
        self, variable: str, s3_environment: pytest.MonkeyPatch
    ) -> None:
        with ScriptedServer(otherwise=403) as proxy:
            s3_environment.setenv("AWS_ENDPOINT_URL", "https://storage.example")
            s3_environment.setenv(variable, f"http://me:{SECRET}%2F1@127.0.0.1:{proxy.port}")
            with pytest.raises(ArchiveUnavailable) as caught:
                open_store("s3://bucket/p").read("x")
        assert set(proxy.paths) == {"storage.example:443"}
        assert (
            proxy.requests[0][2]["proxy-authorization"]
            == "Basic " + base64.b64encode(f"me:{SECRET}/1".encode()).decode()
        )
        assert SECRET not in str(caught.value)

    def test_a_storage_in_no_proxy_is_called_without(self, s3_environment: pytest.MonkeyPatch) -> None:
        with ScriptedServer(otherwise=403) as proxy:
            s3_environment.setenv("AWS_ENDPOINT_URL", "https://storage.invalid")
            s3_environment.setenv("HTTPS_PROXY", proxy.url)
            s3_environment.setenv("NO_PROXY", "invalid:443")
            with pytest.raises(ArchiveUnavailable):
                open_store("s3://bucket/p").read("x")
        assert proxy.paths == []

    @pytest.mark.parametrize("name", NAMES)
    def test_storage_and_vendor_on_this_machine_are_called_without(
        self,
        name: str,
        start: Call,
        environment: pytest.MonkeyPatch,
        bucket: str,
    ) -> None:
        with ScriptedServer(otherwise=403) as proxy:
            environment.setenv(name, proxy.url)
            environment.setenv("ARCHIVE_URL", f"s3://{bucket}/p")
            assert start(kind="connection-records", day=DAY)["task_id"]
        assert proxy.paths == []


@FOLDER
def test_a_proxy_that_is_set_for_another_way_is_no_hindrance(start: Call, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    environment.setenv("NO_PROXY", "fd07:b51a:cc66:f0::/64,10.0.0.0/8")
    try:
        assert start(kind="connection-records", day=DAY)["task_id"]
    except ExportError as error:
        pytest.fail(str(error))
