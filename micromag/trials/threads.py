"""Jobs in threads; the first error ends all."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")


def run_all(jobs: Iterable[Callable[[], T]], threads: int, stop: Callable[[], None]) -> list[T]:
    """Run jobs in threads and return their results in order.

    An early end, by an error in a job or a signal, does not wait for the other jobs:
    running ones continue until they notice, and waiting ones are dropped.

    Parameters
    ----------
    jobs
        What to run.
    threads
        How many at the same time.
    stop
        Called at the end in any case, so that running jobs return soon.
    """
    pool = ThreadPoolExecutor(threads)
    try:
        running = [pool.submit(job) for job in jobs]
        for done in as_completed(running):
            done.result()
        return [done.result() for done in running]
    finally:
        stop()
        pool.shutdown(wait=False, cancel_futures=True)
