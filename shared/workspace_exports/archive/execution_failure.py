"""What ended an execution of the state machine, as far as the machine can say."""

import json
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from workspace_exports.archive.failures import Failure
from workspace_exports.core.contract import Contract, CorrelationId
from workspace_exports.core.error_text import ErrorText
from workspace_exports.core.errors import ExportError, OrderAgain, error_named
from workspace_exports.core.redaction import line
from workspace_exports.events import ExportRequest, ObservedExport, StartRequest

ContractT = TypeVar("ContractT", bound=Contract)

_AFTER_TWO_ORDERS = "The next run orders it again; if that fails too, ask the vendor, with what is said here."
_CUT_OFF = frozenset({"Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout"})
_GIVE_IT_MORE = "Run the export again; a function that is cut off every time needs more time or memory."


class Caught(Contract):
    """What a Catch of the state machine hands on: a class, and in `Cause` what the platform makes of its text."""

    model_config = ConfigDict(extra="ignore")

    error: str = Field(alias="Error")
    cause: str | None = Field(default=None, alias="Cause")

    @property
    def account(self) -> ErrorText:
        """What it says: of our own errors part by part; of any other one line, without what looks like a secret."""
        told = ErrorText.read(self._message)
        if self._ours and told.advice:
            return told
        advice = _GIVE_IT_MORE if self.error in _CUT_OFF else (self._ours or ExportError).advice
        return ErrorText.read(str(ErrorText(self._line, advice)))

    @property
    def in_brief(self) -> str:
        """Class, and what went wrong."""
        return f"{self.error}: {self.account.what}"

    @property
    def asks_for_another_order(self) -> bool:
        """Whether the task is beyond help, and a new one may do."""
        return self._ours is not None and issubclass(self._ours, OrderAgain)

    @property
    def _ours(self) -> type[ExportError] | None:
        return error_named(self.error)

    @property
    def _line(self) -> str:
        return line(self._message) or f"{self.error}, and nothing was said of it."

    @property
    def _message(self) -> str:
        """The runtime reports an exception as a JSON object; what it could not run at all has any form or none."""
        try:
            message = json.loads(self.cause or "")["errorMessage"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return self.cause or ""
        return message if isinstance(message, str) else self.cause or ""


class FailedState(Contract):
    """What the state machine knows at its end.

    Attributes:
        export: the export as it came back last; None where nothing was ordered.
        failure: what ended it.
        ordered_again: what ended the first order, where there was a second.
    """

    model_config = ConfigDict(extra="ignore")

    export: Any = None
    failure: Caught
    ordered_again: Caught | None = None


class FailedExecution(Contract):
    """What record-failure takes: the input of the execution, whatever it is, and the state it ended in."""

    request: Any = None
    state: FailedState

    @property
    def export(self) -> ExportRequest | None:
        """What was to be exported, resolved where it was ordered; None where the request is none."""
        return _understood(ObservedExport, self.state.export) or _understood(StartRequest, self.request)

    @property
    def chain(self) -> str | None:
        """That of the export, or of a request that is none and yet names one."""
        export, request = self.state.export, self.request
        named = [_understood(_Named, document) for document in (export, request)]
        return next((one.correlation_id for one in named if one), None)

    def failure(self, default_project_id: str | None, at: datetime) -> Failure:
        """Why it failed.

        Args:
            default_project_id: the project of a request that names none.
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
    """Anything that names its chain."""

    model_config = ConfigDict(extra="ignore")

    correlation_id: CorrelationId


def _understood(contract: type[ContractT], document: object) -> ContractT | None:
    try:
        return contract.model_validate(document)
    except (ValidationError, RecursionError):
        return None
