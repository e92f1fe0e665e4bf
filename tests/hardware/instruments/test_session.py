"""Sessions on a bench: what was read is kept, whatever happens to the process."""

import dataclasses
import errno
import os

import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study import Hardware
from hardware.instruments import session as module
from hardware.instruments.session import append, run_session, session_file
from hardware.instruments.virtual_laboratory import VirtualBench
from hardware.schedule import Schedule
from tests.hardware.small_task import DEVICE, make_task

FAULTS = {"undecided": 0.05, "dropped": 0.05, "drift_mT": 0.2, "calibrate_every_s": 9.0}
IDENTITY = {"program": 1, "laboratory": "ours"}
PROGRAM, PIXELS, _ = make_task()
PROGRAM = dataclasses.replace(PROGRAM, schedule=Schedule(order="randomised"))
PIXELS = PIXELS[:6]
BENCH = VirtualBench(DEVICE, Hardware(laboratory=FAULTS), 3)


def test_images_that_take_less_than_a_second_share_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STORED_AFTER_S", 1e9)
    with pytest.raises(Stop):
        session(broken(4), tmp_path / "session")
    # Stored when the session stops.
    assert b"images 0 to 3, bytes" in (tmp_path / "session").read_bytes()
    log = session(BENCH, tmp_path / "session")
    pd.testing.assert_frame_equal(log, BENCH.measure(PROGRAM, PIXELS))


class Stop(BaseException):
    """What ends a session, as a signal does."""


@dataclasses.dataclass(frozen=True)
class Broken(VirtualBench):
    """A bench that stops while it reads an image."""

    stops_at: int = 0
    shown: list = dataclasses.field(default_factory=list)

    def image_logs(self, program, pixels, images):
        for image in images:
            if image == self.stops_at:
                raise Stop
            self.shown.append(image)
            yield from super().image_logs(program, pixels, [image])


def broken(stops_at):
    return Broken(DEVICE, BENCH.settings, BENCH.seed, stops_at)


@pytest.fixture(autouse=True)
def each_image_is_a_block(monkeypatch):
    """As on a bench where an image takes more than a second."""
    monkeypatch.setattr(module, "STORED_AFTER_S", 0.0)


def session(bench, path, identity=IDENTITY):
    return run_session(bench, PROGRAM, PIXELS, path, identity)


def test_a_session_that_was_interrupted_gives_the_same_log(tmp_path):
    path = tmp_path / "session"
    for stops_at in (2, 2, 5):
        with pytest.raises(Stop):
            session(broken(stops_at), path)
    last = broken(-1)
    log = session(last, path)
    assert last.shown == [5]
    pd.testing.assert_frame_equal(log, BENCH.measure(PROGRAM, PIXELS))
    assert log.attrs == {"laboratory": "virtual laboratory", "synthetic": True}


def test_a_power_cut_at_any_byte_loses_at_most_the_image_under_way(tmp_path):
    whole = tmp_path / "whole"
    with pytest.raises(Stop):
        session(broken(3), whole)
    content = whole.read_bytes()
    starts = [i for i in range(len(content)) if content.startswith(b"images ", i)]
    assert len(starts) == 3
    cuts = {0, 1, *(s + more for s in starts for more in (-1, 0, 1, 40, 120)), len(content) - 1}
    for cut in sorted(cuts):
        path = tmp_path / "cut"
        # Some file systems leave anything where data did not reach the disk.
        for lost in (b"", b"\xff" * 50):
            path.write_bytes(content[:cut] + lost)
            with session_file(path, IDENTITY) as (_, stored):
                ends = [*starts[1:], len(content)]
                assert len(stored) == sum(end <= cut for end in ends)
    log = session(BENCH, path)
    pd.testing.assert_frame_equal(log, BENCH.measure(PROGRAM, PIXELS))


def test_a_file_damaged_before_its_last_image_is_refused(tmp_path):
    path = tmp_path / "session"
    with pytest.raises(Stop):
        session(broken(3), path)
    content = bytearray(path.read_bytes())
    content[content.index(b"images 1 to") + 300] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"session: byte \d+: damaged: whole images follow"):
        session(BENCH, path)
    assert path.read_bytes() == content


def test_another_session_is_not_continued(tmp_path):
    path = tmp_path / "session"
    with pytest.raises(Stop):
        session(broken(3), path)
    with pytest.raises(InputError, match="an unfinished session with another program; finish it"):
        session(BENCH, path, {**IDENTITY, "program": 2})
    path.write_text("image,out\n1,2\n")
    with pytest.raises(InputError, match="not a session of this version"):
        session(BENCH, path)


def test_two_processes_do_not_write_the_same_session(tmp_path):
    path = tmp_path / "session"
    with session_file(path, IDENTITY) as (file, _):
        append(file, 0, [BENCH.measure(PROGRAM, PIXELS[:1])])
        with pytest.raises(InputError, match="another process is running this session"):
            session(BENCH, path)
    assert set(session(BENCH, path)["image"]) == set(range(6))


def test_a_full_disk_is_told_with_the_file_and_loses_no_whole_image(tmp_path, monkeypatch):
    path, synced = tmp_path / "session", []

    def fsync(handle):
        synced.append(handle)
        if len(synced) > 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(module.os, "fsync", fsync)
        with pytest.raises(OSError, match="No space left") as caught:
            session(BENCH, path)
    assert caught.value.filename == str(path)
    pd.testing.assert_frame_equal(session(BENCH, path), BENCH.measure(PROGRAM, PIXELS))
