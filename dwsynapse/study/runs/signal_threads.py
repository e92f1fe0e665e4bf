"""Snakemake's handler of a signal, in a thread of its own."""

import signal
import threading
from typing import Any


def handle_in_thread(number: signal.Signals) -> None:
    """Let the handler of a signal that is set run in a thread of its own.

    That of Snakemake's scheduler takes a lock. Where the signal comes while the main thread, which
    runs handlers, holds this lock, the run would wait for itself for good.
    """
    handler = signal.getsignal(number)
    if callable(handler):

        def in_thread(*given: Any) -> None:
            threading.Thread(target=handler, args=given).start()

        signal.signal(number, in_thread)
