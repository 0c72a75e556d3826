"""Ways in which the vendor delivers the data of an export: a file that a task makes, or a list that is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskFile:
    """File that a task of the vendor makes on an order."""

    def __str__(self) -> str:
        """Return the delivery in the words of the documentation."""
        return "An order makes a task, and the task makes the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedList:
    """List that is read in pages, without an order. Each row becomes a line of newline-delimited JSON.

    Attributes:
        rows: name of the rows in an answer.
        count: name of the number of all rows that match.
        time: name of a row's time.
        longest_page: most rows of one page.
    """

    rows: str
    count: str
    time: str
    longest_page: int

    def __str__(self) -> str:
        """Return the delivery in the words of the documentation."""
        return "Nothing is ordered: the vendor's list is read, and each of its rows is a line of newline-delimited JSON"


Delivery = TaskFile | PagedList

TASK_FILE = TaskFile()
