"""Reading calls by the letter of their operation."""

import json

import pytest

from local.standin.messages import Call
from local.standin.operations import OPERATIONS
from local.standin.parameters import Value
from local.standin.refusals import RefusalError
from local.standin.validation import checked_parameters


def read_query(operation: str, query: str) -> dict[str, Value]:
    declared = OPERATIONS[operation]
    return checked_parameters(declared, Call(method="GET", target=f"{declared.path}?{query}", headers=()))


def read_body(operation: str, body: bytes, content_type: str = "application/json;charset=utf-8") -> dict[str, Value]:
    declared = OPERATIONS[operation]
    headers = (("Content-Type", content_type),)
    return checked_parameters(declared, Call(method="POST", target=declared.path, headers=headers, body=body))


def test_a_query_becomes_typed_values() -> None:
    query = "language=en_US&computer_names=a&computer_names=b%2Cc&include_pool=false&tag=k%3Dv%20w"
    assert read_query("desktops", query) == {
        "language": "en_US",
        "computer_names": ["a", "b,c"],
        "include_pool": False,
        "tag": "k=v w",
    }


def test_a_body_becomes_typed_values() -> None:
    assert read_body("users", b'{"user_names": ["a"], "language": "zh_CN"}') == {
        "user_names": ["a"],
        "language": "zh_CN",
    }


@pytest.mark.parametrize(
    ("operation", "query", "named"),
    [
        ("desktops", "", "language"),
        ("desktops", "language=fr_FR", "language"),
        ("desktops", "language=en_US&language=zh_CN", "language"),
        ("desktops", "language=en_US&colour=red", "colour"),
        ("desktops", "language=en_US&include_pool=True", "include_pool"),
        ("desktops", "language=en_US&tag=novalue", "tag"),
        ("desktops", "language=en_US&charge_mode=2", "charge_mode"),
        ("desktops", "language=en_US&sort_type=ASC", "sort_type"),
        ("desktops", "language=en_US&" + "&".join(f"user_names=u{n}" for n in range(101)), "user_names"),
        ("desktop-versions", "language=en_US&os_type=Windows", "agent_version"),
        ("hosts", "language=en_US&changes_since=yesterday", "changes_since"),
        ("hosts", "language=en_US&offset=-1", "offset"),
        ("upgrade-strategies", "language=en_US&is_force_upgrade=2", "is_force_upgrade"),
        ("connection-records", "start_time=2026-11-01T00:00:00.000Z", "start_time"),
        ("connection-records", "start_time=2026-02-30T00:00:00Z", "start_time"),
        ("connection-records", "min_e2e_rtt=1.5", "min_e2e_rtt"),
        ("connection-records", "min_e2e_rtt=9&max_e2e_rtt=8", "max_e2e_rtt"),
        ("list", "limit=0", "limit"),
        ("list", "limit=101", "limit"),
        ("list", "status=DONE", "status"),
        ("list", "sort_field=file_name", "sort_field"),
        ("download", "force=true", "force"),
    ],
)
def test_a_query_that_breaks_a_rule_is_refused_by_name(operation: str, query: str, named: str) -> None:
    with pytest.raises(RefusalError, match=f"Invalid parameter {named}:") as caught:
        read_query(operation, query)
    assert (caught.value.status, caught.value.code) == (400, "WKS.00211102")


@pytest.mark.parametrize(
    ("operation", "content", "named"),
    [
        ("users", {"user_name": "1ada"}, "user_name"),
        ("users", {"user_name": "a" * 21}, "user_name"),
        ("users", {"user_name": None}, "user_name"),
        ("users", {"user_names": "a"}, "user_names"),
        ("users", {"user_names": [1]}, "user_names"),
        ("users", {"colour": "red"}, "colour"),
        ("app-user-access", {"end_time": "2026-11-01T00:00:00Z"}, "start_time"),
        ("app-user-access", {"start_time": 1, "end_time": "2026-11-01T00:00:00Z"}, "start_time"),
        ("delete", {}, "task_ids"),
        ("delete", {"task_ids": []}, "task_ids"),
        ("delete", {"task_ids": ["a", "a"]}, "task_ids"),
        ("delete", {"task_ids": ["a" * 65]}, "task_ids"),
        ("delete", {"task_ids": [str(number) for number in range(201)]}, "task_ids"),
        ("users", [], "body"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_by_name(operation: str, content: object, named: str) -> None:
    with pytest.raises(RefusalError, match=f"Invalid parameter {named}:"):
        read_body(operation, json.dumps(content).encode())


def test_a_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(RefusalError, match="it is not JSON"):
        read_body("users", b"user_name=ada")


def test_an_empty_body_has_a_code_of_its_own() -> None:
    with pytest.raises(RefusalError) as caught:
        read_body("users", b"")
    assert caught.value.code == "WKS.0001"


def test_a_body_of_another_type_is_refused() -> None:
    with pytest.raises(RefusalError, match="Content-Type"):
        read_body("users", b"{}", "text/plain")


def test_a_query_operation_takes_no_body() -> None:
    with pytest.raises(RefusalError, match="Invalid parameter body:"):
        checked_parameters(OPERATIONS["list"], Call(method="GET", target="/", headers=(), body=b"{}"))


def test_a_body_operation_takes_no_query() -> None:
    with pytest.raises(RefusalError, match="Invalid parameter language:"):
        checked_parameters(OPERATIONS["users"], Call(method="POST", target="/?language=en_US", headers=(), body=b"{}"))
