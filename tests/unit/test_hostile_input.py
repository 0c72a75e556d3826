"""Attacks by whoever writes settings, requests or objects, and what the code as a whole keeps to."""

import dataclasses
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import workspace_exports
from functions.fetch_file.app import FetchFileSettings
from local.artifact import ROOT
from tests.support.builders.hostile_texts import HOSTILE, unprintable
from workspace_exports.aws.service_calls import Arn
from workspace_exports.client.answers import parse_error
from workspace_exports.client.credentials import AccessKey, Credentials
from workspace_exports.client.regions import REGIONS
from workspace_exports.core.endpoints import is_safe_endpoint
from workspace_exports.core.errors import Misconfigured, Rejected
from workspace_exports.core.validation import parse
from workspace_exports.coverage.reports import ReportRequest
from workspace_exports.events import StartRequest
from workspace_exports.storage.options import StoreOptions
from workspace_exports.storage.s3 import open_s3
from workspace_exports.storage.store import open_store

AWS = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
SETTINGS = {"WORKSPACE_REGION": "cn-north-4", "ARCHIVE_URL": "memory:///x"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = {"aws-lambda-powertools", "httpx", "jinja2", "obstore", "pydantic", "typing-extensions"}
"""What the product itself asks for; a name more is a decision."""
MODULES = [one.name for one in pkgutil.walk_packages(workspace_exports.__path__, "workspace_exports.")]

ENDPOINTS = pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost.",
        "http://127.0.0.1@evil.example",
        "http://evil.example\\@127.0.0.1",
        "http://127.0.0.1\\@evil.example",
        "http://2130706433",
        "http://0x7f.1",
        "http://127.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:10.0.0.1]",
        "http://[fe80::1%25eth0]",
        "https://me:secret@vendor.example",
        "https://vendor.example@evil.example",
        "https://vendor.example\\.evil.example",
        "https://vendor.example\n.evil.example",
        "https://vendor.example .evil.example",
        "https://vendor.example%2eevil.example",
        "https://vendor\u3002example",
        "https://vendör.example",
        "https://vendor.example:99999",
        "https://vendor.example:x",
        "https://[::1",
        "https://vendor.example?x=",
        "https://vendor.example#x",
        "https://vendor.example/?x=",
        "https://vendor.example/#x",
        "https://",
        "https:///x",
        "//vendor.example",
        "file:///etc/passwd",
        "ftp://vendor.example",
        "gopher://127.0.0.1:6379/_",
        "javascript:alert(1)",
    ],
    ids=ascii,
)


class TestAnEndpoint:
    """Whose requests are signed: https, or this very machine, and one that all libraries read alike."""

    @ENDPOINTS
    def test_that_is_none_is_refused_wherever_one_can_be_set(self, endpoint: str) -> None:
        assert not is_safe_endpoint(endpoint)
        for name in ("WORKSPACE_ENDPOINT", "IAM_ENDPOINT"):
            with pytest.raises(Misconfigured, match=name) as caught:
                FetchFileSettings.read(SETTINGS | {name: endpoint})
            assert endpoint not in str(caught.value)
        for name in ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            with pytest.raises(Misconfigured, match=name):
                open_s3("bucket", "", StoreOptions(), AWS | {name: endpoint})
        with pytest.raises(Misconfigured, match="FULL_URI"):
            open_s3("bucket", "", StoreOptions(), {"AWS_REGION": "x", "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint})
        with pytest.raises(Misconfigured, match="iam_endpoint"):
            Credentials(AccessKey("a", "s"), iam_endpoint=endpoint)

    @pytest.mark.parametrize("region", ["evil.example/", "eu-central-1.evil.example", "eu@x", "EU", "eu\nx", "a" * 65])
    def test_is_not_made_of_a_region_that_is_none(self, region: str) -> None:
        with pytest.raises(Misconfigured, match="AWS_REGION is no name"):
            open_s3("bucket", "", StoreOptions(), AWS | {"AWS_REGION": region})
        with pytest.raises(Misconfigured, match="WORKSPACE_REGION"):
            FetchFileSettings.read(SETTINGS | {"WORKSPACE_REGION": region, "WORKSPACE_ENDPOINT": "https://a.example"})
        assert Arn.parse(f"arn:aws:secretsmanager:{region}/:123456789012:secret:a", "secretsmanager", ".*") is None

    def test_of_every_known_region_is_safe(self) -> None:
        assert all(is_safe_endpoint(f"https://workspace.{region}.myhuaweicloud.com") for region in REGIONS)


@pytest.mark.parametrize(
    "url",
    [
        "s3://user@bucket/prefix",
        "s3://bucket:80/prefix",
        "s3://b%2f..%2fucket/prefix",
        "s3://bucket/../other",
        "s3://bucket/prefix?x=1",
        "s3://bucket/prefix#x",
        "s3:///prefix",
        "file://host/etc",
        "file:///tmp/a?b",
        "http://evil.example/",
        "memory://x",
    ],
)
def test_an_archive_is_where_its_url_says_or_nowhere(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match="ARCHIVE_URL"):
        open_store(url)


@pytest.mark.parametrize("key", ["../outside", "data/../../outside", "data/./x", "data//x", "data/\x1bx", "data/a\nb"])
def test_no_key_leads_out_of_the_archive(key: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"not yours")
    store = open_store((tmp_path / "archive").as_uri())
    with pytest.raises(ValueError, match="path"):
        store.read(key)
    with pytest.raises(ValueError, match="path"):
        store.replace(key, b"mine")
    assert (tmp_path / "outside").read_bytes() == b"not yours"


class TestARequest:
    @pytest.mark.parametrize("name", ["project_id", "task_id", "correlation_id"])
    @pytest.mark.parametrize(
        "value", ["../x", "a/b", "a%2fb", "a?b", "a\n", "a b", "ä", "", "x" * 200, HOSTILE, 7, ["a"]], ids=ascii
    )
    def test_names_nothing_that_could_not_be_a_part_of_a_key(self, name: str, value: object) -> None:
        with pytest.raises(Rejected) as caught:
            parse(StartRequest, {"kind": "hosts", name: value})
        assert unprintable(str(caught.value)) == set()
        assert len(str(caught.value)) < 1000

    @pytest.mark.parametrize("run", ["../..", "2026-11-22T043000Z-../x", "a/b", "x" * 65, "a\n", ""])
    def test_names_a_run_or_is_refused(self, run: str) -> None:
        with pytest.raises(Rejected):
            parse(ReportRequest, {"run": run})

    @pytest.mark.parametrize(
        "document",
        [
            {HOSTILE: 1},
            {"kind": HOSTILE},
            {"kind": "hosts", "day": HOSTILE},
            {"kind": "hosts", "start_time": HOSTILE},
            {"kind": "hosts", "filters": HOSTILE},
            pytest.param({"kind": "hosts", **{f"field-{n}": n for n in range(100_000)}}, marks=pytest.mark.check),
            {"kind": "x" * 10_000_000},
            {"kind": 10**5000},
            HOSTILE,
            None,
        ],
        ids=["field", "kind", "day", "time", "filters", "100,000 fields", "10 MB", "number", "text", "nothing"],
    )
    def test_that_is_wrong_is_told_in_few_printable_words(self, document: object) -> None:
        with pytest.raises(Rejected) as caught:
            parse(StartRequest, document)
        assert unprintable(str(caught.value)) == set()
        assert len(str(caught.value)) < 8000

    @pytest.mark.parametrize("depth", [50, 200, 500, 900, 5000])
    def test_that_is_nested_is_taken_or_refused(self, depth: int) -> None:
        nested: Any = "x"
        for _ in range(depth):
            nested = [nested]
        with suppress(Rejected):
            assert parse(StartRequest, {"kind": "hosts", "filters": {"a": nested}}).filters == {"a": nested}

    @pytest.mark.parametrize("name", ["filters", "credentials_secret_arn"])
    def test_with_a_secret_in_place_of_filters_does_not_get_it_back(self, name: str) -> None:
        with pytest.raises(Rejected) as caught:
            parse(StartRequest, {"kind": "hosts", name: "canary-secret"})
        assert "canary-secret" not in str(caught.value)


@pytest.mark.parametrize("depth", range(100, 1000, 100))
def test_an_error_nested_in_itself_is_read(depth: int) -> None:
    body = b'{"error_code": ' + b"[" * depth + b"]" * depth + b"}"
    assert len(str(parse_error({}, body))) < 1000


def test_a_page_full_of_brackets_is_gone_through_once() -> None:
    """A tag ends before the next one begins: else every bracket would be read up to the page's end."""
    page = b"<p>a < b <i>c</i>"
    assert parse_error({}, page).reason == "a < b c"


def test_no_pattern_repeats_a_repetition() -> None:
    """What takes exponential time has an unbounded repetition in an unbounded one."""
    patterns = {value.pattern for module in MODULES for value in _values(module) if isinstance(value, re.Pattern)}
    assert len(patterns) > 20
    assert [pattern for pattern in patterns if _nesting(_parser.parse(pattern)) > 1] == []
    assert _nesting(_parser.parse("(a+)*")) > 1


def _nesting(parsed: Any) -> int:
    """How many unbounded repetitions are in each other, at most."""
    deepest = 0
    for operator, argument in parsed:
        parts = argument if isinstance(argument, tuple | list) else [argument]
        inner = max((_nesting(part) for part in _subpatterns(parts)), default=0)
        unbounded = "REPEAT" in str(operator) and argument[1] is _constants.MAXREPEAT
        deepest = max(deepest, inner + unbounded)
    return deepest


def _subpatterns(parts: Any) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, _parser.SubPattern):
            yield part
        elif isinstance(part, tuple | list):
            yield from _subpatterns(part)


def test_no_class_shows_a_secret_it_holds() -> None:
    secrets = [
        (kept.__name__, field.name)
        for module in MODULES
        for kept in _values(module)
        if isinstance(kept, type) and dataclasses.is_dataclass(kept)
        for field in dataclasses.fields(kept)
        if re.search(r"secret|password|token(?!s)|^value$", field.name)
        and field.type in {"str", "str | None", str, str | None}
        if field.repr
    ]
    assert secrets == []
    assert "secret" not in repr(AccessKey("a", "secret", "secret"))


def _values(module: str) -> list[object]:
    return list(vars(importlib.import_module(module)).values())


class TestWhatIsInstalled:
    @pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda file: file.stem)
    def test_is_pinned_with_a_digest_and_comes_from_no_address(self, file: Path) -> None:
        lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        pins = [line.split("#")[0] for line in lines if line and not line.lstrip().startswith("#")]
        assert pins
        assert [
            pin for pin in pins if not re.fullmatch(r"\S+==\S+( ;[^@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", pin)
        ] == []

    def test_on_lambda_is_no_more_than_is_known(self) -> None:
        names = {re.split(r"[\[=<>~ ;]", line)[0] for line in PYPROJECT["dependency-groups"]["runtime"]}
        assert names == RUNTIME

    def test_with_the_command_is_what_is_deployed_and_a_terminals_libraries(self) -> None:
        deployed, installed = PYPROJECT["dependency-groups"]["runtime"], PYPROJECT["project"]["dependencies"]
        assert set(deployed) <= set(installed)
        assert {re.split(r"[\[=<>~ ;]", line)[0] for line in set(installed) - set(deployed)} == {"rich", "typer"}
