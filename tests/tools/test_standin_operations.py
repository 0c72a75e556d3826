"""The stand-in's declarations, held to the summary sentences of the documentation."""

from local.standin.columns import COLUMNS
from local.standin.operations import EXPORTS
from local.standin.parameters import Bounds, Operation


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
