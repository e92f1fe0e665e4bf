"""JSON documents that are not what they should be."""

import json

import pytest
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json
from dwsynapse.io.json_shapes import Shape


class Part(Shape):
    share: float


class Document(Shape):
    name: str
    parts: dict[str, Part] = Field(default_factory=dict)


def read(path, text):
    path.write_text(text)
    return read_json(path, "toy", 1, Document, "make it again")


def document(**keys):
    return json.dumps({"format": "dwsynapse-toy", "format_version": 1, "name": "a", **keys})


def test_a_document_of_the_shape_is_read_with_keys_that_the_shape_does_not_name(tmp_path):
    assert read(tmp_path / "a.json", document(note=[1]))["note"] == [1]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"name": 3}, "name: must be a valid string (found 3); make it again"),
        ({"parts": {"b": {}}}, "parts.b.share: no such key; make it again"),
        ({"parts": {"b": {"share": True}}}, "parts.b.share: must be a valid number (found True)"),
        ({"parts": {"b": {"share": "1"}}}, "parts.b.share: must be a valid number (found '1')"),
        ({"parts": {"b": {"share": 10**400}}}, "parts.b.share: must be a valid number;"),
        ({"parts": [1]}, "parts: must be a valid dictionary"),
        ({"format_version": True}, "format_version: format version True is not 1"),
    ],
)
def test_each_wrong_value_is_reported_with_its_key(tmp_path, keys, message):
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.json", document(**keys))
    assert str(caught.value).startswith(f"{tmp_path / 'a.json'}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"x": 1, "x": 2}', '{"x": 1e999}', '{"x": NaN}', "{", "\0"]
)
def test_text_that_is_no_json_is_reported(tmp_path, text):
    with pytest.raises(InputError, match=r"a\.json: not valid JSON"):
        read(tmp_path / "a.json", text)
