"""track.json: what is written is read, and a wrong geometry is one line."""

import json

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.track_geometry import TrackGeometry

TRACK = TrackGeometry(1050, 50, (60.0, 90.0, 120.0), 30, 30)


def test_reads_what_was_written(tmp_path):
    TRACK.write(tmp_path / "track.json", {})
    assert TrackGeometry.read(tmp_path / "track.json") == TRACK


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("notch_positions_nm", [90, 60], "must rise"),
        ("notch_positions_nm", [], "one or more"),
        ("notch_positions_nm", [20, 60], "outside the free part, 30 to 1020 nm"),
        ("fixed_end_nm", 600, "leave nothing"),
        ("length_nm", -1, "length_nm"),
        ("spacing_nm", None, "spacing_nm"),
    ],
)
def test_names_what_is_wrong(tmp_path, key, value, line):
    path = tmp_path / "track.json"
    TRACK.write(path, {})
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(InputError, match=line):
        TrackGeometry.read(path)
