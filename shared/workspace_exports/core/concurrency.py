"""Work that a few threads do in parallel on any number of items."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

PARALLEL = 8
"""Number of threads that hides the storage's latency; their pieces of large objects still fit in memory."""

_TAKEN_PER_WORKER = 2


def in_parallel(work: Callable[[ItemT, Event], ResultT], items: Iterable[ItemT], *, workers: int) -> Iterator[ResultT]:
    """Yield the results as they come, in any order. Items are taken only as the work proceeds.

    Args:
        work: takes an item and an event; once the event is set, the caller no longer waits for the result.
        items: taken `2 * workers` ahead at most.
        workers: number of threads.
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
