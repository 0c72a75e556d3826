"""Validation of a document against a contract; one `Rejected` names every fault."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workspace_exports.core.contract import Contract
from workspace_exports.core.errors import Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted, sanitize

_LONGEST_FIELD = 80
_UNTOLD = {"filters", "credentials_secret_arn"}
"""Fields whose values no error shows: they may hold a person's name or a misplaced secret."""

ContractT = TypeVar("ContractT", bound=Contract)


def parse(contract: type[ContractT], document: object) -> ContractT:
    """Return the document as that contract.

    Raises:
        Rejected: the document does not fit; the text names each field and what to change.
    """
    try:
        return contract.model_validate(document)
    except ValidationError as error:
        raise Rejected.because(problems(contract, error)) from None


def problems(contract: type[Contract], error: ValidationError) -> list[str]:
    """Return one sentence per fault: the field, and what to change."""
    return [_sentence(contract, detail) for detail in error.errors(include_url=False, include_context=True)]


def _sentence(contract: type[Contract], detail: ErrorDetails) -> str:
    field = (sanitize(_path(detail["loc"])) or "")[:_LONGEST_FIELD]
    match detail["type"]:
        case "missing":
            return f"{field} is missing: add it"
        case "extra_forbidden":
            offered = _offered(contract)
            return (
                f"{field} is not a field here{did_you_mean(str(detail['loc'][-1]), offered)}: use {', '.join(offered)}"
            )
        case "value_error":
            return f"{field} {detail['ctx']['error']}".strip()
        case _:
            given = "" if _UNTOLD & {*detail["loc"]} else f", not {quoted(detail['input'])}"
            return f"{field or 'the input'}: {detail['msg'][0].lower()}{detail['msg'][1:]}{given}"


def _offered(contract: type[Contract]) -> list[str]:
    """Return the fields that a caller chooses from; the correlation id has no effect on the result."""
    return [name for name in contract.model_fields if name != "correlation_id"]


def _path(places: tuple[str | int, ...]) -> str:
    """Return the field's path, such as `kinds[0]` or `filters.language`."""
    return "".join(f"[{place}]" if isinstance(place, int) else f".{place}" for place in places).removeprefix(".")
