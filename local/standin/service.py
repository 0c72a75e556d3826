"""What each operation does, once its caller is admitted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.standin.contents import Contents
from local.standin.downloads import DownloadTerms, StoredFile
from local.standin.faults.mishaps import Arrivals, Replace
from local.standin.identity import TokenDesk, list_projects
from local.standin.listing import Listing, ZoneSuffix
from local.standin.messages import Answer, Call, json_answer
from local.standin.operations import DECODE, DELETE, DOWNLOAD, EXPORTS, LIST, TOKENS, USER_EVENTS
from local.standin.parameters import Value
from local.standin.refusals import decoded, file_expired, invalid, no_such_task, not_ready
from local.standin.reports import ReportShelf, ReportSpec
from local.standin.routes import Route
from local.standin.tasks import ORDINARY, Fate, Task, TaskBook
from local.standin.user_events import EventBook
from local.standin.validation import checked_parameters
from local.standin.windows import Span, checked_span


@dataclass(frozen=True, kw_only=True)
class Service:
    """The export centre and the thin identity service behind one door."""

    tasks: TaskBook
    events: EventBook
    tokens: TokenDesk
    shelf: ReportShelf
    rows: int
    padding_bytes: int
    downloads: DownloadTerms
    zone_suffix: ZoneSuffix
    contents: Contents

    async def answer(self, route: Route, call: Call, fate: Fate = ORDINARY) -> Answer:
        """Do the work; raises RefusalError for what breaks a rule."""
        operation = route.operation
        if operation is TOKENS:
            return self.tokens.issue(call)
        parameters, now = checked_parameters(operation, call), self.tasks.clock()
        if operation is DOWNLOAD:
            return await self._download(route, call, now)
        if operation in EXPORTS.values():
            return self._create(route, parameters, now, fate)
        return self._told(route, parameters, now)

    def _told(self, route: Route, parameters: dict[str, Value], now: datetime) -> Answer:
        """Do the work of an operation that makes and brings no file."""
        if route.operation is USER_EVENTS:
            return self.events.answer(route.places["project_id"], parameters, _span(route, parameters, now))
        if route.operation is LIST:
            return Listing(now, self.zone_suffix).answer(self._candidates(route, parameters), parameters)
        if route.operation is DELETE:
            return self._delete(route, parameters)
        if route.operation is DECODE:
            return json_answer({"decoded_message": decoded(str(parameters["encoded_message"]))})
        project_id, region = self.tokens.project_id, self.tokens.region
        return list_projects(parameters.get("name"), project_id=project_id, project_name=region)

    def _candidates(self, route: Route, parameters: Mapping[str, Value]) -> list[Task]:
        """The tasks a list may hold; one that is asked for by its id needs no search among all."""
        project_id = route.places["project_id"]
        if "task_id" not in parameters:
            return self.tasks.listed(project_id)
        task = self.tasks.find(project_id, str(parameters["task_id"]))
        return [task] if task else []

    def _create(self, route: Route, parameters: dict[str, Value], now: datetime, fate: Fate) -> Answer:
        window = route.operation.window
        places = {name: place for name, place in route.places.items() if name != "project_id"}
        span = checked_span(window, parameters, now) if window else None
        report = ReportSpec(
            kind=route.operation.name,
            project_id=route.places["project_id"],
            parameters={**parameters, **places},
            window=span,
            rows=self.rows,
            padding_bytes=self.padding_bytes,
            generation=self.contents.generation,
            canaries=self.contents.canaries,
            moments=self.contents.moments(span),
        )
        return json_answer({"task_id": self.tasks.create(report, fate).task_id})

    async def _download(self, route: Route, call: Call, now: datetime) -> Answer:
        task = self._finished(route, now)
        path = await asyncio.to_thread(self.shelf.fetch, task.report)
        file = StoredFile(path=path, digest=task.report.digest, modified_at=task.file_made_at)
        found = self.downloads.answer(call, file)
        self.tasks.mark_downloaded(task.task_id)
        return found

    def replace(self, route: Route, replacement: Replace) -> None:
        """Put another file in the place of the one that is about to be downloaded, if its task is there at all."""
        task_id = route.places["task_id"]
        if self.tasks.find(route.places["project_id"], task_id):
            self.tasks.replace_report(task_id, longer_by=replacement.longer_by)

    def crowd(self, route: Route, call: Call, arrivals: Arrivals) -> None:
        """Have strangers order; or have events come in late, on the day that is being read."""
        if route.operation is USER_EVENTS:
            start, _ = _span(route, checked_parameters(route.operation, call), self.tasks.clock())
            self.events.arrive(route.places["project_id"], (start + timedelta(minutes=1)).date(), arrivals.count)
            return
        self.tasks.crowd(route.places["project_id"], arrivals.count, last_at=self.tasks.clock())

    def _finished(self, route: Route, now: datetime) -> Task:
        task_id = route.places["task_id"]
        task = self.tasks.find(route.places["project_id"], task_id)
        if task is None:
            raise no_such_task(task_id)
        status = task.status_at(now)
        if status == "EXPIRED":
            raise file_expired(task_id)
        if status != "SUCCESS":
            raise not_ready(task_id, status)
        return task

    def _delete(self, route: Route, parameters: Mapping[str, Value]) -> Answer:
        task_ids = parameters["task_ids"]
        if not isinstance(task_ids, list):
            raise invalid("task_ids", "it must be a list of texts")
        self.tasks.delete(route.places["project_id"], task_ids)
        return Answer(status=200)


def _span(route: Route, parameters: Mapping[str, Value], now: datetime) -> Span:
    window = route.operation.window
    if window is None:
        raise ValueError(route.operation.name)
    return checked_span(window, parameters, now)
