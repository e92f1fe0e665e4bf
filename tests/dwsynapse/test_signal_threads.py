"""A signal ends a run also while Snakemake's scheduler holds its lock."""

import signal
import threading

import pytest

from dwsynapse.study.runs.signal_threads import handle_in_thread


@pytest.fixture
def sigterm():
    before = signal.getsignal(signal.SIGTERM)
    yield signal.SIGTERM
    signal.signal(signal.SIGTERM, before)


def test_a_handler_gets_the_lock_that_the_main_thread_held(sigterm):
    lock, handled = threading.Lock(), threading.Event()

    def take_lock(number, frame):
        # As in Snakemake's; without an end to it, the test would hang where it fails.
        if lock.acquire(timeout=5):
            handled.set()

    signal.signal(sigterm, take_lock)
    handle_in_thread(sigterm)
    with lock:
        signal.raise_signal(sigterm)
        assert not handled.is_set()
    assert handled.wait(5)


def test_a_signal_without_a_handler_stays_as_it_is(sigterm):
    signal.signal(sigterm, signal.SIG_DFL)
    handle_in_thread(sigterm)
    assert signal.getsignal(sigterm) == signal.SIG_DFL
