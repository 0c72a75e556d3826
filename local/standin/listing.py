"""ListExportTasks: filter, sort, page, write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from local.standin.messages import Answer, json_answer
from local.standin.parameters import Value
from local.standin.tasks import Task

ZoneSuffix = Literal["Z", "+0000"]
"""The documented pattern ends in a Z that may be meant literally or as a zone; a client must read both."""

DEFAULT_LIMIT = 20


@dataclass(frozen=True)
class Listing:
    """The list as seen at one moment."""

    now: datetime
    zone_suffix: ZoneSuffix

    def answer(self, tasks: list[Task], parameters: Mapping[str, Value]) -> Answer:
        """Answer one page and the count of all matches."""
        tests = self._tests(parameters)
        matching = [task for task in tasks if all(test(task) for test in tests)]
        matching.sort(key=lambda task: task.created_at)
        if parameters.get("sort_type") == "DESC":
            matching.reverse()
        offset, limit = int(str(parameters.get("offset", 0))), int(str(parameters.get("limit", DEFAULT_LIMIT)))
        page = [self._item(task) for task in matching[offset : offset + limit]]
        return json_answer({"export_tasks": page, "count": len(matching)})

    def _tests(self, parameters: Mapping[str, Value]) -> list[Callable[[Task], bool]]:
        """What a task must pass: every filter given.

        ``is_download`` is applied even when it is not given, with its documented default of false: the harsher of two
        readings, under which a task leaves the plain list as soon as it is downloaded. A file name matches in part.
        """
        is_download, wanted = parameters.get("is_download", False), {name: str(parameters[name]) for name in parameters}
        tests: dict[str, Callable[[Task], bool]] = {
            "task_id": lambda task: task.task_id == wanted["task_id"],
            "file_name": lambda task: wanted["file_name"] in task.file_name,
            "status": lambda task: task.status_at(self.now) == wanted["status"],
        }
        return [lambda task: task.is_download is is_download, *(tests[name] for name in tests if name in wanted)]

    def _item(self, task: Task) -> dict[str, str | bool]:
        """Write a task, leaving out what it does not have."""
        ended_at, status = task.ended_at(self.now), task.status_at(self.now)
        item: dict[str, str | bool | None] = {
            "task_id": task.task_id,
            "file_name": task.file_name,
            "status": status,
            "fail_reason": task.fate.fail_reason if ended_at else None,
            "error_code": task.fate.error_code if ended_at else None,
            "create_time": self._stamp(task.created_at),
            "end_time": self._stamp(ended_at) if ended_at else None,
            "is_download": task.is_download,
        }
        return {name: value for name, value in item.items() if value is not None}

    def _stamp(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{self.zone_suffix}"
