"""Ctrl-C, SIGTERM and SIGHUP: a command ends within two seconds, with one line.

Until its handlers are set, Python ends with a traceback: what is not needed for them is imported
later.
"""

import os
import signal
import sys
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import FrameType

SIGNALS = tuple(getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n))
# Time for a command to save its progress; after it the process is ended.
GRACE_S = 1.5
# The same, while it still imports libraries.
IMPORTS_GRACE_S = 0.3
# The process of Snakemake that a command works for; in no variable when a user calls it.
HEAD_VARIABLE = "DWSYNAPSE_HEAD_PROCESS"
# How often a command looks whether that process lives.
LOOK_EVERY_S = 1.0
# How often a stop looks whether imports are done.
IMPORTS_S = 0.02
# Writing to a pipe that nobody reads may block: at most for this long.
LINE_S = 0.3
# A signal that comes again within this time is the same: timeout(1) sends it to the command and
# to its group.
SAME_S = 0.05


class Stopped(BaseException):
    """A signal that ends the command: not an `Exception`, so that no error handler catches it.

    Parameters
    ----------
    number
        Number of the signal.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number

    @property
    def status(self) -> int:
        """Exit status of a command that was ended by the signal, as shells count."""
        return 128 + self.number

    def report(self) -> None:
        """Print the one line, once."""
        if _reported.acquire(blocking=False):
            name = signal.Signals(self.number).name
            line = "the same command continues from what is saved, or starts again"
            print(f"\nstopped by {name}: {line}", file=sys.stderr, flush=True)
            _written.release()


_reported = allocate_lock()
_written = allocate_lock()
"""Free once the line is written."""
_written.acquire()
_requested: list[Stopped] = []
"""The stop that a signal asked for."""


def stop_on_signals() -> None:
    """Raise `Stopped` in the main thread at the first signal, and end the process if need be.

    Python acts on a signal only between two steps of the main thread, which a compiled kernel or a
    clean-up may delay: a separate thread ends the process after `GRACE_S`, or at the
    second signal. Signals that are ignored, as under nohup, stay so. A command of the workflow
    also ends, as by SIGTERM, when Snakemake was killed: a new run makes its results.
    """
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _raise_once)
    sys.unraisablehook = _show_unless_stopped
    import socket
    import threading

    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    # In a container it may be a process that cannot be seen; nor can one that is killed later, so
    # that it is looked for before the command begins.
    head = os.environ.get(HEAD_VARIABLE)
    if head and not _lives(head):
        head = None
    # Both ends are kept alive by the thread.
    threading.Thread(target=_watch, args=(receiver, sender, head), daemon=True).start()


def requested_stop() -> Stopped | None:
    """Return the stop that a signal asked for; None if none did."""
    return _requested[0] if _requested else None


def ignore_signals() -> None:
    """Ignore the signals from now on: the command has ended, and only Python still has to exit.

    Python resets its handlers while it exits, so that a signal would kill it without a message.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _raise_once(number: int, frame: "FrameType | None") -> None:
    for other in SIGNALS:
        if signal.getsignal(other) == _raise_once:
            signal.signal(other, lambda *_: None)
    _requested.append(Stopped(number))
    _raise_after_imports(number, frame)


def _raise_after_imports(number: int, frame: "FrameType | None") -> None:
    """Raise the stop, once no import is under way: extension modules such as VTK's crash there."""
    if _imports(frame) and hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _raise_after_imports)
        signal.setitimer(signal.ITIMER_REAL, IMPORTS_S)
        return
    raise _requested[0]


def _imports(frame: "FrameType | None") -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _show_unless_stopped(unraisable: "sys.UnraisableHookArgs") -> None:
    """Show an error where none can be raised, as in a destructor, unless it is of a stop."""
    if not _requested:
        sys.__unraisablehook__(unraisable)


def _watch(receiver: "socket.socket", sender: "socket.socket", head: str | None) -> None:
    import threading
    import time
    from contextlib import suppress

    number = 0
    if head:
        receiver.settimeout(LOOK_EVERY_S)
    while number not in SIGNALS:
        try:
            number = receiver.recv(1)[0]
        except TimeoutError:
            if head and not _lives(head):
                receiver.settimeout(None)
                os.kill(os.getpid(), signal.SIGTERM)
    main, received = threading.main_thread().ident, 0
    ends_s = time.monotonic() + GRACE_S
    time.sleep(SAME_S)
    receiver.setblocking(False)
    with suppress(BlockingIOError):
        receiver.recv(len(SIGNALS))
    receiver.settimeout(IMPORTS_S)
    while received not in SIGNALS and (left_s := ends_s - time.monotonic()) > 0:
        # While big libraries are imported, there is nothing to save.
        if left_s < GRACE_S - IMPORTS_GRACE_S and _imports(sys._current_frames().get(main or 0)):
            break
        with suppress(TimeoutError):
            received = receiver.recv(1)[0]
    stopped = Stopped(number)
    threading.Thread(target=stopped.report, daemon=True).start()
    _written.acquire(timeout=LINE_S)
    os._exit(stopped.status)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
