"""Kernels are compiled again when a source of their room changes, in any sub-folder."""

import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INNER = """
from dwsynapse.kernels import compiled

@compiled()
def inner(x):
    return x + {added}
"""
OUTER = """
from dwsynapse.kernels import compiled
from room.one.inner import inner

@compiled()
def outer(x):
    return inner(x)
"""
CALL = "from room.two.outer import outer; print(outer(1), sum(outer.stats.cache_hits.values()))"


@pytest.fixture
def room(tmp_path):
    """Return a package whose kernel in one folder calls that of another."""
    for folder in ("room", "room/one", "room/two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "room/one/inner.py").write_text(INNER.format(added=1))
    (tmp_path / "room/two/outer.py").write_text(OUTER)
    return tmp_path / "room"


def call(room, code=CALL, **options):
    """Start a process that calls the kernel, and prints its result and how often it was kept."""
    without = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=without
        | {
            "PYTHONPATH": f"{room.parent}:{ROOT}",
            "XDG_CACHE_HOME": str(room.parent / "cache"),
        },
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def called(room, **options):
    """Return the kernel's result in a separate process, and whether it was read from disk."""
    run = call(room, **options)
    result, hits = map(int, run.communicate(timeout=300)[0].split())
    assert run.returncode == 0
    return result, bool(hits)


def change(source, text):
    """Write a source that is another for Python too, which goes by size and full seconds."""
    later = source.stat().st_mtime + 2
    source.write_text(text)
    os.utime(source, (later, later))


def used_days_ago(folder, days):
    moment = time.time() - days * 24 * 3600
    os.utime(folder, (moment, moment))


def test_a_kernel_that_changed_in_a_sub_folder_is_compiled_again(room):
    assert called(room) == (2, False)
    assert called(room) == (2, True)
    change(room / "one/inner.py", INNER.format(added=10))
    assert called(room) == (11, False)
    assert called(room) == (11, True)


def test_kernels_of_older_code_are_removed_a_month_after_their_last_use(room):
    called(room)
    (first,) = (room / "__pycache__").glob("kernels-room-*")
    others = {
        name: room / "__pycache__" / name
        for name in ("kernels-room-0123456789ab", "kernels-room-mine", "kernels-attic-0123456789ab")
    }
    for folder in others.values():
        folder.mkdir()
    for folder in (first, *others.values()):
        used_days_ago(folder, 31)
    assert called(room) == (2, True)  # uses the first, and makes none, so that it removes none
    assert all(folder.exists() for folder in others.values())
    change(room / "one/inner.py", INNER.format(added=10))
    assert called(room) == (11, False)
    left = {folder.name for folder in (room / "__pycache__").glob("kernels-*")}
    assert left >= {first.name, "kernels-room-mine", "kernels-attic-0123456789ab"}
    assert "kernels-room-0123456789ab" not in left
    used_days_ago(first, 29)
    change(room / "one/inner.py", INNER.format(added=20))
    assert called(room) == (21, False)
    assert first.exists()


def test_processes_that_compile_at_once_agree(room):
    started = [call(room) for _ in range(4)]
    assert {each.communicate(timeout=300)[0].split()[0] for each in started} == {"2"}
    assert not any(each.returncode for each in started)
    assert called(room) == (2, True)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: b"",
        lambda kept: kept[: len(kept) // 2],
        lambda kept: kept[:300] + bytes([kept[300] ^ 255]) + kept[301:],
    ],
    ids=["empty", "cut", "flipped"],
)
def test_a_damaged_kernel_is_compiled_again(room, ending, damage):
    called(room)
    for kept in (room / "__pycache__").rglob(f"*.{ending}"):
        kept.write_bytes(damage(kept.read_bytes()))
    assert called(room) == (2, False)
    assert called(room) == (2, True)


def test_a_full_disk_keeps_no_kernel_and_stops_nothing(room):
    called(room)  # Python itself would leave half files of bytecode
    for kept in (room / "__pycache__").rglob("*.nb?"):
        kept.unlink()
    limit = (resource.RLIMIT_FSIZE, (100, 100))
    full = call(room, preexec_fn=lambda: resource.setrlimit(*limit))
    assert full.communicate(timeout=300)[0].split() == ["2", "0"]
    assert called(room) == (2, False)


def test_where_the_code_cannot_be_written_the_users_cache_serves(room):
    # A file in place of the folder stops the superuser as well, whom permissions do not.
    (room / "__pycache__").touch()
    assert called(room) == (2, False)
    assert called(room) == (2, True)
    assert list((room.parent / "cache").rglob("kernels-room-*"))
    change(room / "one/inner.py", INNER.format(added=10))
    assert called(room) == (11, False)


def test_a_terminal_is_told_once_that_kernels_are_compiled(room):
    """One line for both kernels, none where they are kept, and none again for one that is read."""

    def told():
        reader, terminal = os.openpty()
        called(room, stderr=terminal)
        os.close(terminal)
        with contextlib.suppress(OSError):  # the end of a terminal
            return os.read(reader, 10_000).decode()
        return ""

    assert told() == "compiling kernels, once for this version: up to a minute\r\n"
    assert told() == ""


def test_a_script_may_ask_to_be_told_where_a_command_writes_a_log(room):
    asked = "from dwsynapse.kernels import say_when_compiling as s; s(); s(); " + CALL
    first, second = (call(room, asked, stderr=subprocess.PIPE).communicate()[1] for _ in range(2))
    assert (first.count("compiling kernels"), second) == (1, "")
    change(room / "one/inner.py", INNER.format(added=10))
    assert call(room, stderr=subprocess.PIPE).communicate()[1] == ""
