"""Order, wait, look, fetch: what the state machine does, in one process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from functions.fetch_file.app import FetchFileSettings
from functions.poll_status.app import PollStatusSettings
from functions.start_export.app import StartExportSettings
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import BadFile, ExportError, OrderAgain, Throttled, Transient
from workspace_exports.events import (
    ArchivedExport,
    ExportRequest,
    ObservedExport,
    OrderedExport,
    StartRequest,
)
from workspace_exports.lifecycle.fetch import fetch_file
from workspace_exports.lifecycle.order import start_export
from workspace_exports.lifecycle.poll import poll_status
from workspace_exports.orders import LONGEST_ORDER

_CALL_SECONDS = 900.0
_ORDER_SECONDS = LONGEST_ORDER.total_seconds() / 2
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0

ResultT = TypeVar("ResultT")
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """The three use cases over one environment.

    Attributes:
        environment: settings by the names the functions read.
        show: is told, in a few words, whatever a waiting person would want to know.
        sleep: waits.
    """

    environment: Mapping[str, str]
    show: Show
    sleep: Callable[[float], None] = time.sleep

    def run(self, request: ExportRequest) -> ArchivedExport:
        """From the request to the archive; a task that comes to nothing is ordered again, once.

        Raises:
            ExportError: as the use cases; what passes has been waited out a few times.
        """
        try:
            return self._once(request)
        except OrderAgain as error:
            self.show(f"{error.what}; ordering again, this once")
            return self._once(request)

    def _once(self, request: ExportRequest) -> ArchivedExport:
        self.show(f"ordering {request.kind} {request.window}".removesuffix(" /"))
        ordered = self._patiently(lambda: self._start(request), (Transient,))
        self.show(f"ordered, task {ordered.task_id}")
        looked = self._wait_for_file(ordered)
        self.show(f"fetching {looked.file_name or 'the file'}")
        return self._patiently(lambda: self._fetch(looked), (Transient, BadFile))

    def _wait_for_file(self, ordered: OrderedExport) -> ObservedExport:
        looked = ObservedExport(**ordered.model_dump())
        while looked.status is None or not looked.status.is_terminal:
            self.sleep(looked.wait_seconds)
            looked = self._look_again(looked)
            self.show(f"the vendor says {looked.status}")
        return looked

    def _look_again(self, looked: ObservedExport) -> ObservedExport:
        return self._patiently(lambda: self._look(looked), (Transient,))

    def _patiently(self, call: Callable[[], ResultT], passing: tuple[type[ExportError], ...]) -> ResultT:
        """The call's result; what passes is waited out, with growing pauses, a bounded number of times."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return call()
            except passing as error:
                pause = min(_LONGEST_PAUSE_SECONDS, max(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), _asked_for(error)))
                self.show(f"{error.what}; trying again in {pause:.0f} s")
                self.sleep(pause)
        return call()

    def _start(self, request: ExportRequest) -> OrderedExport:
        start = StartRequest(**request.model_dump())
        return start_export(start, StartExportSettings.read(self.environment), Deadline.after(_ORDER_SECONDS))

    def _look(self, looked: ObservedExport) -> ObservedExport:
        return poll_status(looked, PollStatusSettings.read(self.environment), Deadline.after(_CALL_SECONDS))

    def _fetch(self, looked: ObservedExport) -> ArchivedExport:
        return fetch_file(looked, FetchFileSettings.read(self.environment), Deadline.after(_CALL_SECONDS))


def _asked_for(error: ExportError) -> float:
    return (error.retry_after_seconds or 0.0) if isinstance(error, Throttled) else 0.0
