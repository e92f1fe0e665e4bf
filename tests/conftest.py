"""What all tests have in common."""

import signal

import pytest

from dwsynapse.io.signals import SIGNALS


@pytest.fixture(autouse=True)
def signals_as_before():
    """Undo what a command that a test runs does to signals: later processes would inherit it."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)
