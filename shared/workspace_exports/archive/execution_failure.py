"""Reasons why an execution of the state machine ended, as far as the machine knows them."""

import json
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from workspace_exports.archive.failures import Failure
from workspace_exports.core.contract import Contract, CorrelationId
from workspace_exports.core.error_text import ErrorText
from workspace_exports.core.errors import ExportError, OrderAgain, error_named
from workspace_exports.core.redaction import sanitize
from workspace_exports.events import ExportRequest, ObservedExport, StartRequest

ContractT = TypeVar("ContractT", bound=Contract)

_AFTER_TWO_ORDERS = "The next run orders it again; if that fails too, send this text to the vendor."
_CUT_OFF = frozenset({"Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout"})
_GIVE_IT_MORE = "Run the export again; a function that is cut off every time needs more time or memory."


class Caught(Contract):
    """Error that a Catch of the state machine passes on: its class, and in `Cause` the platform's form of its text."""

    model_config = ConfigDict(extra="ignore")

    error: str = Field(alias="Error")
    cause: str | None = Field(default=None, alias="Cause")

    @property
    def account(self) -> ErrorText:
        """Text of the error: by parts for our own errors; one line for others, without text that looks secret."""
        told = ErrorText.read(self._message)
        if self._ours and told.advice:
            return told
        advice = _GIVE_IT_MORE if self.error in _CUT_OFF else (self._ours or ExportError).advice
        return ErrorText.read(str(ErrorText(self._line, advice)))

    @property
    def in_brief(self) -> str:
        """Class of the error and its first sentence."""
        return f"{self.error}: {self.account.what}"

    @property
    def asks_for_another_order(self) -> bool:
        """True if the task can no longer succeed, and a new order may."""
        return self._ours is not None and issubclass(self._ours, OrderAgain)

    @property
    def _ours(self) -> type[ExportError] | None:
        return error_named(self.error)

    @property
    def _line(self) -> str:
        return sanitize(self._message) or f"{self.error}, without a message."

    @property
    def _message(self) -> str:
        """Message of the error.

        The runtime reports an exception as a JSON object. For a function that it could not run, the cause has any form
        or is absent.
        """
        try:
            message = json.loads(self.cause or "")["errorMessage"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return self.cause or ""
        return message if isinstance(message, str) else self.cause or ""


class FailedState(Contract):
    """Last state of the state machine.

    Attributes:
        export: the export as the last function returned it; None if nothing was ordered.
        failure: the error that ended the execution.
        ordered_again: the error that ended the first order, if there was a second.
    """

    model_config = ConfigDict(extra="ignore")

    export: Any = None
    failure: Caught
    ordered_again: Caught | None = None


class FailedExecution(Contract):
    """Input of record-failure: the input of the execution, in any form, and the state in which it ended."""

    request: Any = None
    state: FailedState

    @property
    def export(self) -> ExportRequest | None:
        """Export that failed, in its resolved form if it was ordered; None if the request is not understood."""
        return _understood(ObservedExport, self.state.export) or _understood(StartRequest, self.request)

    @property
    def known_correlation_id(self) -> str | None:
        """Correlation id of the export, or of the request, even if the request is otherwise not understood."""
        export, request = self.state.export, self.request
        named = [_understood(_Named, document) for document in (export, request)]
        return next((one.correlation_id for one in named if one), None)

    def failure(self, default_project_id: str | None, at: datetime) -> Failure:
        """Return the record of the failure.

        Args:
            default_project_id: the project for a request that names none.
            at: the time of the failure.
        """
        export, caught, first = self.export, self.state.failure, self.state.ordered_again
        account = caught.account
        return Failure(
            kind=export.kind if export else account.kind,
            project_id=(export and export.project_id) or default_project_id,
            window=str(export.window) if export else account.window,
            task_id=account.task_id or (export.task_id if isinstance(export, ObservedExport) else None),
            error=caught.error,
            what=account.what,
            vendor_code=account.vendor_code,
            vendor_reason=account.vendor_reason,
            vendor_request_id=account.vendor_request_id,
            advice=_AFTER_TWO_ORDERS if first and caught.asks_for_another_order else account.advice,
            before=first.in_brief if first else None,
            at=at,
        )


class _Named(Contract):
    """Document that names its correlation id."""

    model_config = ConfigDict(extra="ignore")

    correlation_id: CorrelationId


def _understood(contract: type[ContractT], document: object) -> ContractT | None:
    try:
        return contract.model_validate(document)
    except (ValidationError, RecursionError):
        return None
