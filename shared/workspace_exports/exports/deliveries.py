"""Ways in which the vendor delivers the data of an export: a file that a task makes, or a list that is read."""

from dataclasses import dataclass
from typing import ClassVar

from workspace_exports.exports.actions import DOWNLOAD_FILE, LIST_TASKS


@dataclass(frozen=True, slots=True)
class TaskFile:
    """File that a task of the vendor makes on an order.

    Attributes:
        actions: what a policy must allow beside the order.
    """

    actions: ClassVar[tuple[str, ...]] = (LIST_TASKS, DOWNLOAD_FILE)

    def __str__(self) -> str:
        """Return the delivery in the words of the documentation."""
        return "An order makes a task, and the task makes the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedList:
    """List that is read in pages, without an order. Each row becomes a line of newline-delimited JSON.

    Attributes:
        actions: none, since only the list itself is asked for.
        rows: name of the rows in an answer.
        count: name of the number of all rows that match.
        time: name of a row's time.
        longest_page: most rows of one page.
    """

    actions: ClassVar[tuple[str, ...]] = ()

    rows: str
    count: str
    time: str
    longest_page: int

    def __str__(self) -> str:
        """Return the delivery in the words of the documentation."""
        return "Nothing is ordered: the vendor's list is read, and each of its rows is a line of newline-delimited JSON"


Delivery = TaskFile | PagedList

TASK_FILE = TaskFile()
