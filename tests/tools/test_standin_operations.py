"""The stand-in's declarations, held to the summary sentences of the documentation."""

import pytest

from local.standin.columns import COLUMNS
from local.standin.messages import Call
from local.standin.operations import EXPORTS, OPERATIONS
from local.standin.parameters import Bounds, Operation
from local.standin.routes import find_route


def languages(operation: Operation) -> list[bool]:
    return [parameter.mandatory for parameter in operation.parameters if parameter.name == "language"]


def test_there_are_fifteen_operations_that_create_an_export() -> None:
    assert len(EXPORTS) == 15


def test_nine_of_the_creating_operations_are_get() -> None:
    assert [name for name, export in EXPORTS.items() if export.method == "POST"] == [
        "app-user-access",
        "app-user-logins",
        "app-usage",
        "app-sessions",
        "user-groups",
        "users",
    ]


def test_language_is_mandatory_in_five_optional_in_four_and_absent_in_six() -> None:
    found = [languages(export) for export in EXPORTS.values()]
    assert (found.count([True]), found.count([False]), found.count([])) == (5, 4, 6)


def test_seven_exports_have_a_window_and_one_of_them_reaches_back_half_a_year() -> None:
    windows = {name: export.window for name, export in EXPORTS.items() if export.window}
    assert {name: window.days for name, window in windows.items()} == {
        "connection-records": 30,
        "app-user-access": 30,
        "desktop-usage": 180,
        "user-usage": 30,
        "app-user-logins": 30,
        "app-usage": 30,
        "app-sessions": 30,
    }
    assert [name for name, window in windows.items() if window.bounds is Bounds.AT_LEAST_ONE] == ["connection-records"]


def test_no_parameter_is_declared_twice() -> None:
    for export in EXPORTS.values():
        names = [parameter.name for parameter in export.parameters]
        assert len(names) == len(set(names)), export.name


def test_every_pair_of_limits_names_declared_parameters() -> None:
    for export in EXPORTS.values():
        names = {parameter.name for parameter in export.parameters}
        assert {name for pair in export.ordered for name in pair} <= names


def test_every_kind_has_columns() -> None:
    assert set(COLUMNS) == set(EXPORTS)


def test_the_gateway_counts_the_exports_of_application_streaming_together() -> None:
    shared = {name for name, export in EXPORTS.items() if export.limit_class == "workspace_export"}
    assert shared == {"app-user-logins", "app-usage", "app-sessions"}


NORTH, SOUTH_EAST = "cn-north-4.myhuaweicloud.com", "ap-southeast-3.myhuaweicloud.com"


@pytest.mark.parametrize(
    ("operation", "host", "is_served"),
    [
        ("app-usage", f"appstream.{NORTH}", True),
        ("app-usage", f"workspace.{NORTH}", False),
        ("app-usage", f"workspace.{SOUTH_EAST}", True),
        ("app-usage", f"appstream.{SOUTH_EAST}", False),
        ("app-user-access", f"workspace.{NORTH}", True),
        ("app-user-access", f"appstream.{NORTH}", False),
        ("decode", f"sts.{NORTH}", True),
        ("decode", f"iam.{NORTH}", False),
        ("projects", f"iam.{SOUTH_EAST}", True),
        ("app-usage", "127.0.0.1:8080", True),
        ("decode", "127.0.0.1:8080", True),
    ],
)
def test_an_operation_is_served_at_its_own_host_alone(operation: str, host: str, is_served: bool) -> None:  # noqa: FBT001
    declared = OPERATIONS[operation]
    target = declared.path.replace("{project_id}", "p")
    assert (find_route(Call(method=declared.method, target=target, headers=(("Host", host),))) is not None) is is_served
