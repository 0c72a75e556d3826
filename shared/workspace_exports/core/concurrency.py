"""Work done by a few threads at once, on as many items as there may be."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

PARALLEL = 8
"""Enough to hide a storage's latency, and few enough for their pieces of large objects to fit in memory."""

_TAKEN_PER_WORKER = 2


def in_parallel(work: Callable[[ItemT, Event], ResultT], items: Iterable[ItemT], *, workers: int) -> Iterator[ResultT]:
    """The results as they come, in no promised order; items are taken only as the work gets on.

    Args:
        work: is given the item and an event: once that is set, nobody waits for the result.
        items: taken `2 * workers` ahead at most.
        workers: how many threads.
    """
    pool, abandoned = ThreadPoolExecutor(workers), Event()
    pending: set[Future[ResultT]] = set()
    try:
        for item in items:
            pending.add(pool.submit(work, item, abandoned))
            if len(pending) >= workers * _TAKEN_PER_WORKER:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        abandoned.set()
        pool.shutdown(cancel_futures=True)
