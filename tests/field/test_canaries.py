"""Secrets in variables that are written wrongly: none is in any text, whatever is run with them.

Sources: field fault F6 (part of a proxy's password in state, archive and terminal); encode/httpx `URL` and urllib3
quote the URL they cannot read; obstore quotes the value that it cannot parse.
"""

import io
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.fetch_file import app as fetch_file
from functions.plan_archive import app as plan_archive
from functions.poll_status import app as poll_status
from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from functions.start_export import app as start_export
from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.examples import TASK_ID
from tests.support.builders.http_events import http_event
from tests.support.builders.requests import DAY
from tests.support.commands import run, without_waits
from tests.support.lambda_context import CONTEXT
from workspace_exports.client.connections import close_connections
from workspace_exports.core.errors import ExportError
from workspace_exports.coverage import show
from workspace_exports.storage.store import open_store

CANARY = "Geheimnis"

WITH_A_SECRET = [
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURTY_TOKEN"),
    *("WORKSPACE_ENDPOINT", "IAM_ENDPOINT", "ARCHIVE_URL", "WORKSPACE_CREDENTIALS_SECRET_ARN"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_TOKEN"),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    *("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
    *("AWS_ENDPOINT_URL_STS", "AWS_PROXY_URL", "AWS_SSE_CUSTOMER_KEY_BASE64", "AWS_UNSIGNED_PAYLOAD"),
    *("AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
]
WRITTEN_WRONGLY = [
    f"http://me:{CANARY}/1@proxy",
    f"http://me:{CANARY}#1@proxy:80",
    f"http://me:1@{CANARY}@proxy:80",
    f"socks5://me:{CANARY}@proxy:1080",
    f"me:{CANARY}@proxy:80",
    f"https://me:{CANARY}@host.invalid",
    f"https://host.invalid/?signature={CANARY}",
    f"s3://{CANARY}:{CANARY}@bucket/prefix",
    f"http://{CANARY}@[::zz]:port",
    f"'{CANARY}",
    f'{{"secret": "{CANARY}"}}',
    f"{CANARY}\nx",
    f"{CANARY}\x1b[0m",
    f"{CANARY}\u00e9",
    f"%{CANARY}%zz",
    CANARY,
]
ORDER = {"kind": "connection-records", "project_id": DEMO_PROJECT_ID, "day": DAY}
ORDERED = ORDER | {"task_id": TASK_ID, "ordered_at": f"{DAY}T00:00:00Z"}
CAUGHT = {"Error": "VendorUnavailable", "Cause": "{}"}
RANGE = {"first_day": DAY, "last_day": DAY}

EVENTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "start-export": (start_export, ORDER),
    "poll-status": (poll_status, ORDERED),
    "fetch-file": (fetch_file, ORDERED | {"status": "SUCCESS", "file_name": "records.xlsx"}),
    "plan-archive": (plan_archive, RANGE),
    "record-failure": (record_failure, {"request": ORDER, "state": {"failure": CAUGHT}}),
    "report-archive": (report_archive, {"run": "2026-11-20T043000Z-1a2b3c4d"}),
    "show-coverage": (show_coverage, RANGE),
}


def handled(name: str) -> object:
    module, event = EVENTS[name]
    return module.handler(event, CONTEXT)


def over_http() -> object:
    return show_coverage.handler(http_event("GET", "/coverage"), CONTEXT)


def exported() -> object:
    return run("export", "connection-records", "--day", DAY, "--archive", "memory:///canaries")


RUNS: dict[str, Callable[[], object]] = {
    **{name: lambda name=name: handled(name) for name in EVENTS},  # type: ignore[misc]
    "show-coverage over HTTP": over_http,
    "doctor": lambda: run("doctor"),
    "export": exported,
}


def texts_of(run: Callable[[], object]) -> str:
    """All that the run says; whatever it raises is an error of ours."""
    open_store.cache_clear()
    close_connections()
    show._shown._kept.clear()
    try:
        return repr(run())
    except ExportError as error:
        return "".join(traceback.format_exception(error)) + repr(vars(error))


@pytest.fixture
def surroundings(request: pytest.FixtureRequest, environment: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Ways to be given credentials: a variable counts in some of them only."""
    environment.setenv("HOME", str(tmp_path))
    without_waits(environment)
    if request.param == "secret":
        environment.delenv("HUAWEICLOUD_SDK_AK")
        environment.delenv("HUAWEICLOUD_SDK_SK")
        environment.setenv(
            "WORKSPACE_CREDENTIALS_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf"
        )
    elif request.param == "role":
        environment.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/role")
        environment.delenv("AWS_ACCESS_KEY_ID")
    return environment


FIRST = {"HTTPS_PROXY", "NO_PROXY", "HUAWEICLOUD_SDK_SK", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "SSL_CERT_FILE"}
"""Of those that may hold a secret, the ones that are tried at each change."""
IN_SHORT = (["start-export", "report-archive", "doctor"], WRITTEN_WRONGLY[::5])
IN_FULL = (list(RUNS), WRITTEN_WRONGLY[::3])


def rows() -> Iterator[Any]:
    """Every variable in every way; `make test` has a few in short, CI all in short and a few in full."""
    for variable in WITH_A_SECRET:
        is_first = variable in FIRST
        full = pytest.mark.check if is_first else pytest.mark.nightly
        yield pytest.param(
            variable, "environment", *IN_SHORT, id=f"{variable}-in short", marks=() if is_first else pytest.mark.check
        )
        yield pytest.param(variable, "environment", *IN_FULL, id=f"{variable}-environment", marks=full)
        for way in ("secret", "role"):
            yield pytest.param(variable, way, *IN_SHORT, id=f"{variable}-{way}", marks=pytest.mark.check)


@pytest.mark.parametrize("archive_url", [pytest.param("s3", id="")], indirect=True)
@pytest.mark.parametrize(("variable", "surroundings", "names", "values"), list(rows()), indirect=["surroundings"])
def test_no_run_says_what_a_variable_holds(
    variable: str,
    names: list[str],
    values: list[str],
    surroundings: pytest.MonkeyPatch,
    log: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    found = []
    for value in values:
        with surroundings.context() as changed:
            changed.setenv(variable, value)
            for name in names:
                said = texts_of(RUNS[name])
                captured = capfd.readouterr()
                if CANARY.lower() in (said + captured.out + captured.err + log.getvalue()).lower():
                    found.append((name, value))
                log.truncate(0)
    assert found == []
