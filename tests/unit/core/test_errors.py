"""An error says what, whose words, what to do, and about which export; its place in the tree is its recovery."""

import pytest

from workspace_exports.core import errors
from workspace_exports.core.errors import ExportError, Rejected, TaskFailed, Throttled, about

CONTRACT = {
    "Rejected": 400,
    "Misconfigured": 500,
    "Unauthorized": 502,
    "UnexpectedAnswer": 502,
    "Throttled": 503,
    "VendorUnavailable": 503,
    "TaskFailed": 502,
    "TaskLost": 404,
    "FileExpired": 410,
    "DeadlineExceeded": 504,
    "BadFile": 502,
    "ArchiveUnavailable": 503,
}


def raised_classes() -> dict[str, type[ExportError]]:
    found = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    return {name: c for name, c in found.items() if issubclass(c, ExportError) and not c.__subclasses__()}


def test_the_names_and_http_statuses_are_those_of_the_public_surface() -> None:
    assert {name: c.http_status for name, c in raised_classes().items()} == CONTRACT


@pytest.mark.parametrize("name", CONTRACT)
def test_every_class_says_what_to_do(name: str) -> None:
    error = raised_classes()[name]("it broke")
    facts = f"\n[retry_after_seconds={error.pause_seconds}]" if error.pause_seconds else ""
    assert str(error) == f"it broke.\n{error.advice}{facts}"
    assert error.title != ExportError.title


def test_the_text_holds_the_vendors_words_the_advice_and_the_facts() -> None:
    with pytest.raises(TaskFailed) as caught, about(kind="k", task_id="t", window="a/b"):
        raise TaskFailed("It failed", vendor_code="WKS.1", vendor_reason="disk full", vendor_request_id="r")
    assert str(caught.value) == (
        "It failed.\n"
        "The vendor says WKS.1: disk full.\n"
        "Order the export again, once; if it fails again, ask the vendor with the reason above.\n"
        "[kind=k, window=a/b, task_id=t, request_id=r]"
    )


def test_what_is_known_already_is_not_overwritten() -> None:
    with pytest.raises(Throttled) as caught, about(task_id="outer"):
        raise Throttled("slow down", retry_after_seconds=7, task_id="inner")
    assert (caught.value.task_id, caught.value.retry_after_seconds) == ("inner", 7)


def test_advice_can_be_more_precise_than_the_class() -> None:
    assert str(Rejected("No!", advice="Ask for yesterday")) == "No!\nAsk for yesterday."


def test_other_errors_pass_untouched() -> None:
    with pytest.raises(KeyError), about(kind="k"):
        raise KeyError
