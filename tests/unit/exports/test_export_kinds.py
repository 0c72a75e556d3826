"""The fifteen kinds: what each takes, what it refuses, how it is encoded, and which orders are the same."""

import json
import string
from datetime import date, timedelta
from typing import Any

import pytest

from local.docs.markdown import ROOT
from tests.support.builders.examples import NOW, PROJECT_ID, observed_export, past_window, request_sent
from tests.support.builders.filters import BAD_FILTERS, FULL_REQUESTS, NEEDED
from workspace_exports.archive.layout import manifest_key, whole_day
from workspace_exports.exports import EXPORTS, Window

TIMES = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:01Z")
"""A day as the vendor is asked for it."""

TARGETS = {
    "connection-records": "/v3/{pid}/desktops/connections/export?computer_name=desk-1&domain=corp.example"
    "&end_time=2026-11-21T00%3A00%3A01Z&enterprise_project_id=0&language=zh_CN&max_e2e_rtt=300&min_e2e_rtt=0"
    "&public_ip=%3A%3A1&start_time=2026-11-20T00%3A00%3A00Z&terminal_type=Windows%2010&user_name=%E5%BC%A0%E4%B8%89",
    "desktop-usage": "/v3/{pid}/statistics/metrics/desktops/export?end_time=2026-11-21T00%3A00%3A01Z"
    "&enterprise_project_id=0&max_idle_days=1&min_idle_days=1&resource_id=r-1&resource_name=desk"
    "&sort_field=desktop_idle_duration&sort_type=ASC&start_time=2026-11-20T00%3A00%3A00Z&usage_max_hours=24"
    "&usage_min_hours=0",
    "user-usage": "/v3/{pid}/statistics/metrics/users/export?end_time=2026-11-21T00%3A00%3A01Z"
    "&enterprise_project_id=0&sort_field=user_usage&sort_type=DESC&start_time=2026-11-20T00%3A00%3A00Z"
    "&usage_max_hours=3&usage_min_hours=2&username=x",
    "user-events": "/v2/{pid}/user-events?domain=corp.example&end_time=2026-11-21T00%3A00%3A00Z"
    "&event_type=LOGIN_PASSWORD%2CLOGIN_SMS&resource_id=r-1&resource_name=desk&start_time=2026-11-19T23%3A59%3A59Z"
    "&username=%E5%BC%A0%E4%B8%89",
    "desktops": "/v3/{pid}/desktops/export?charge_mode=1&computer_name=desk&computer_names=a2&computer_names=z1"
    "&connection_status_version=NEW&desktop_id=d-1&desktop_ip=10.0.0.1&desktop_type=POOLED&enterprise_project_id=0"
    "&image_id=i-1&in_maintenance_mode=false&include_pool=true&language=en_US&pool_enterprise_project_id=0"
    "&pool_id=p1%2Cp2&pool_in_maintenance_mode=false&pool_name=pool&pool_type=DYNAMIC&sort_field=created"
    "&sort_type=DESC&status=ACTIVE&subnet_id=s-1&tag=k%3Dv%20w&user_attached=true&user_names=al%2Cice&user_names=bob"
    "&without_any_tag=false",
    "desktop-versions": "/v2/{pid}/desktops/list-by-version/export?agent_version=24.2.0&desktop_id=d-1"
    "&desktop_name=desk&language=zh_CN&os_type=Windows&username=x",
    "terminal-bindings": "/v3/{pid}/terminals/binding-desktops/template/export?computer_name=desk&language=en_US"
    "&mac=00%3A11%3A22%3A33%3A44%3A55",
    "user-group-members": "/v3/{pid}/groups/g%201%26%E7%BB%84/users/export?active_type=ADMIN_ACTIVATE"
    "&description=staff&enterprise_project_id=0&group_name=group&language=zh_CN&user_name=1x&user_names=a"
    "&user_names=b",
    "hosts": "/v2/{pid}/hosts/export?availability_zone=az-1&changes_since=2026-11-20T00%3A00%3A00%2B08%3A00"
    "&enterprise_project_id=0&host_id=h-1&host_type=t&host_type_name=type&language=en_US&limit=1&marker=h-0&name=host"
    "&sort_field=available_memory&sort_type=ASC&state=fault",
    "upgrade-strategies": "/v2/{pid}/upgrade-strategies/export?is_force_upgrade=1&language=en_US&status=0"
    "&strategy_name=s&strategy_priority=7&strategy_type=0",
}
"""The request lines of those that carry everything in the query."""

BODIES = {
    "app-user-access": (
        "/v2/{pid}/statistics/metrics/app-user-access/export",
        "application/json;charset=utf-8",
        dict(zip(("start_time", "end_time"), TIMES, strict=True)),
    ),
    "app-user-logins": (
        "/v1/{pid}/session/user-connection/export",
        "application/json",
        dict(zip(("login_start_time", "login_end_time"), TIMES, strict=True)),
    ),
    "app-usage": (
        "/v1/{pid}/session/app-connection/export",
        "application/json",
        dict(zip(("brokering_start_time", "brokering_end_time"), TIMES, strict=True)),
    ),
    "app-sessions": (
        "/v1/{pid}/session/list-sessions/export",
        "application/json",
        {"query_begin_time": "2026-11-20T00:00:00.000Z", "query_end_time": "2026-11-20T23:59:59.999Z"},
    ),
    "user-groups": ("/v3/{pid}/groups/export", "application/json", {}),
    "users": ("/v3/{pid}/users/export", "application/json", {}),
}
"""Path, content type and window of those that carry everything in a body."""


def problems(kind: str, filters: dict[str, Any]) -> list[str]:
    return EXPORTS[kind].problems(past_window(kind), filters, NOW)


def key(kind: str, **filters: Any) -> str:
    bounds = {} if EXPORTS[kind].window.has_days else {"day": None}
    return manifest_key(observed_export(kind=kind, filters=EXPORTS[kind].resolved(filters), **bounds))


def test_the_examples_are_of_every_kind_and_every_parameter() -> None:
    assert set(FULL_REQUESTS) == set(TARGETS) | set(BODIES) == set(EXPORTS)
    for kind, filters in FULL_REQUESTS.items():
        assert {p.name for p in EXPORTS[kind].parameters} - filters.keys() <= {"offset"}


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_full_request_is_accepted(kind: str) -> None:
    assert problems(kind, FULL_REQUESTS[kind]) == []


@pytest.mark.parametrize("kind", EXPORTS)
def test_only_what_the_vendor_demands_is_needed(kind: str) -> None:
    assert problems(kind, NEEDED.get(kind, {})) == []


@pytest.mark.parametrize("kind", TARGETS)
def test_a_query_is_encoded_as_the_vendors_own_client_does(kind: str) -> None:
    request = request_sent(kind, FULL_REQUESTS[kind])
    assert (request.method, request.content) == ("GET", b"")
    assert request.url.raw_path.decode() == TARGETS[kind].replace("{pid}", PROJECT_ID)


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_holds_json_values_as_given(kind: str) -> None:
    path, content_type, window = BODIES[kind]
    request = request_sent(kind, FULL_REQUESTS[kind])
    assert (request.method, request.headers["Content-Type"]) == ("POST", content_type)
    assert request.url.raw_path.decode() == path.replace("{pid}", PROJECT_ID)
    assert json.loads(request.content) == window | FULL_REQUESTS[kind]


def test_a_request_without_a_filter_has_an_empty_object_for_a_body() -> None:
    assert request_sent("users", {}).content == b"{}"


@pytest.mark.parametrize(("kind", "filters", "says"), BAD_FILTERS)
def test_a_bad_filter_is_refused_by_name(kind: str, filters: dict[str, Any], says: str) -> None:
    (problem,) = (problem for problem in problems(kind, filters) if problem.startswith(says.split(maxsplit=1)[0]))
    assert says in problem


def test_every_kind_has_bad_examples() -> None:
    assert {kind for kind, _, _ in BAD_FILTERS} == set(EXPORTS)
    assert len(BAD_FILTERS) >= 60


@pytest.mark.parametrize("kind", [kind for kind, export in EXPORTS.items() if not export.window.has_days])
def test_a_snapshot_takes_no_window(kind: str) -> None:
    found = EXPORTS[kind].problems(Window(NOW - timedelta(days=1)), NEEDED.get(kind, {}), NOW)
    assert found == ["start_time is not possible: this export is a snapshot of now"]


@pytest.mark.parametrize(
    ("kind", "days", "accepted"),
    [
        ("connection-records", 30, True),
        ("connection-records", 31, False),
        ("app-user-access", 31, False),
        ("app-user-logins", 30, True),
        ("app-sessions", 31, False),
        ("user-usage", 31, False),
        ("desktop-usage", 180, True),
        ("desktop-usage", 181, False),
    ],
)
def test_a_window_reaches_back_as_far_as_the_vendor_does(kind: str, days: int, accepted: bool) -> None:  # noqa: FBT001
    found = EXPORTS[kind].problems(Window(NOW - timedelta(days=days), NOW - timedelta(seconds=2)), {}, NOW)
    assert [problem.split()[0] for problem in found] == ([] if accepted else ["start_time"])


DEMAND_A_LANGUAGE = ("desktops", "desktop-versions", "hosts", "upgrade-strategies", "terminal-bindings")


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_language_is_sent_unasked_only_where_the_vendor_demands_one(kind: str) -> None:
    needed = NEEDED.get(kind, {})
    expected = needed | {"language": "en_US"} if kind in DEMAND_A_LANGUAGE else needed
    assert EXPORTS[kind].resolved(needed) == expected
    assert ("language=en_US" in str(request_sent(kind, needed).url)) is (kind in DEMAND_A_LANGUAGE)


def test_a_language_that_is_asked_for_stays() -> None:
    assert EXPORTS["hosts"].resolved({"language": "zh_CN"}) == {"language": "zh_CN"}


@pytest.mark.parametrize("kind", ["connection-records", "users", *DEMAND_A_LANGUAGE])
def test_english_is_no_filter_where_english_is_the_default(kind: str) -> None:
    needed = NEEDED.get(kind, {})
    assert key(kind, **needed, language="en_US") == key(kind, **needed)
    assert key(kind, **needed, language="zh_CN") != key(kind, **needed)


@pytest.mark.parametrize("kind", ["user-groups", "user-group-members"])
def test_english_is_a_filter_where_the_default_is_not_documented(kind: str) -> None:
    assert key(kind, **NEEDED.get(kind, {}), language="en_US") != key(kind, **NEEDED.get(kind, {}))


def test_a_whole_day_in_english_is_the_whole_day() -> None:
    assert whole_day(key("connection-records", language="en_US")) == date(2026, 11, 20)
    assert whole_day(key("connection-records", language="zh_CN")) is None


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("desktops", {"connection_status_version": "OLD"}),
        ("users", {"active_type": "USER_ACTIVATE"}),
        ("hosts", {"language": "en_US"}),
    ],
)
def test_any_documented_default_is_no_filter(kind: str, default: dict[str, str]) -> None:
    assert EXPORTS[kind].distinguishing(default) == {}
    assert key(kind, **default) == key(kind)


def test_two_groups_are_two_exports() -> None:
    assert key("user-group-members", group_id="a") != key("user-group-members", group_id="b")


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_declaration_is_sound(kind: str) -> None:
    export = EXPORTS[kind]
    names = [parameter.name for parameter in export.parameters]
    assert len(names) == len(set(names))
    assert {name for rule in export.dependencies for name in rule.names} <= set(names)
    places = {place for _, place, _, _ in string.Formatter().parse(export.path) if place}
    assert places == {"project_id"} | {p.name for p in export.parameters if p.in_path}
    assert all(p.default is None or p.fits(p.default) for p in export.parameters)
    assert all(p.mandatory for p in export.parameters if p.in_path)


def test_no_code_names_a_kind() -> None:
    code = [
        *(ROOT / "shared").rglob("*.py"),
        *(ROOT / "functions").rglob("*.py"),
        *(ROOT / "local" / "docs").rglob("*.py"),
    ]
    named = {
        (path.name, kind)
        for path in code
        if path.parent.name != "declarations"
        for kind in EXPORTS
        if f'"{kind}"' in path.read_text(encoding="utf-8")
    }
    assert named == set()


def test_no_order_may_be_repeated_blindly() -> None:
    assert [kind for kind, export in EXPORTS.items() if export.replayable] == []
