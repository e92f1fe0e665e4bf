"""Readers make a result or one clear line of damaged files: no traceback, hang or wrong number."""

import resource
import signal
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dwsynapse.io.errors import InputError
from tests.fuzz.damage import damaged
from tests.fuzz.readers import READERS

N_QUICK, N_ALL = 10, 1000  # of each reader: 44 000 in all
LIMIT_S = 30  # of one call, which takes milliseconds
MAX_GROWTH_KB = 700_000  # of memory, over all inputs of a reader
MAX_LINE = 900


def stop(*_):
    raise TimeoutError("hangs")


def require_sound(reader, folder, content):
    """Read damaged content; fail where that ends in anything but a right result or a clear line."""
    (folder / reader.target).write_bytes(content)
    reader.agree(folder)
    read = (folder / reader.target).read_bytes()
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_S)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", DeprecationWarning)
            result = reader.read(folder)
    except InputError as error:
        line = str(error)
        clear = "\n" not in line and "; " in line and len(line) < MAX_LINE
        assert clear, line
    except MemoryError:
        pass  # which a command says in one line
    else:
        assert reader.says(read, result), f"{result} is not what the file says"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fuzz(name, folder, n):
    reader = READERS[name](folder)
    files = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    good = files[folder / reader.target]

    @settings(
        max_examples=n,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data):
        for path, content in files.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        require_sound(reader, folder, data.draw(damaged(good)))

    require_sound(reader, folder, good)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < MAX_GROWTH_KB


@pytest.mark.parametrize("name", READERS)
def test_a_few_damaged_files(name, tmp_path):
    fuzz(name, tmp_path, N_QUICK)


@pytest.mark.faults
@pytest.mark.parametrize("name", READERS)
def test_a_thousand_damaged_files(name, tmp_path):
    fuzz(name, tmp_path, N_ALL)
