"""Hypothesis strategies that damage the content of a file: bytes, cells, lines, digits, keys."""

import csv
import io
import json

import numpy as np
from hypothesis import strategies as st

from tests.hardware.logs.mutated_inputs import BYTES, STRANGE, VALUES

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats(width=32).map(str),
    st.floats(0, 200).map(lambda x: f"{x:.3f}"),
    st.sampled_from(["1,250", "0,5", "1.000", "1 000", "1'000", "1e3", "1.5D-02", "0.05 T", "3 %"]),
)
# Texts of a few signs of all alphabets, those that mean something in CSV, JSON and YAML among them.
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(",;\t\"'#{}[]:&*!|>%@\\\n")), max_size=12
)
CELLS = st.one_of(st.sampled_from(STRANGE), NUMBERS, TEXTS)
JSON_VALUES = st.recursive(
    st.one_of(
        st.sampled_from(VALUES), st.floats(), st.integers(-(2**70), 2**70), TEXTS, st.booleans()
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=4,
)


def _place(draw, n):
    return draw(st.integers(0, max(n - 1, 0)))


@st.composite
def bytes_changed(draw, content):
    """Change single bytes, or the whole as `tests.hardware.logs.mutated_inputs` does."""
    if content and draw(st.booleans()):
        changed = bytearray(content)
        for place in draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
            changed[place] = draw(st.integers(0, 255))
        return bytes(changed)
    name = draw(st.sampled_from(sorted(BYTES)))
    return BYTES[name](content or b"x", np.random.default_rng(draw(st.integers(0, 2**32))))


@st.composite
def digit_changed(draw, content):
    """Replace a digit by another, which leaves a valid file with another number."""
    places = [i for i, byte in enumerate(content) if chr(byte).isdigit()]
    if not places:
        return content
    changed = bytearray(content)
    changed[places[_place(draw, len(places))]] = draw(st.sampled_from(b"0123456789"))
    return bytes(changed)


@st.composite
def lines_changed(draw, content):
    """Drop, repeat, swap, empty or join lines."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    one, other = _place(draw, len(lines)), _place(draw, len(lines))
    change = draw(st.sampled_from(["drop", "repeat", "swap", "end", "empty", "join"]))
    if change == "drop":
        del lines[one]
    elif change == "repeat":
        lines.insert(other, lines[one])
    elif change == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    elif change == "end":
        del lines[one:]
    elif change == "empty":
        lines.insert(one, draw(st.sampled_from([b"\n", b"#\n", b",,,\n", b"# x\n", b" \t\n"])))
    else:
        lines[one] = lines[one].rstrip(b"\r\n")
    return b"".join(lines)


@st.composite
def cell_changed(draw, content):
    """Put something else into a cell of a table, as a spreadsheet would write it."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode())))
    except (UnicodeDecodeError, csv.Error):
        return content
    rows = [row for row in rows if row]
    if not rows:
        return content
    row = rows[_place(draw, len(rows))]
    row[_place(draw, len(row))] = draw(CELLS)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(errors="surrogatepass")


@st.composite
def key_changed(draw, content):
    """Change, add, rename or remove a key or a value of a JSON document."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content
    holder, key, place = None, None, document
    while isinstance(place, dict | list) and len(place):
        holder = place
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = keys[_place(draw, len(keys))]
        place = place[key]
        if draw(st.integers(0, 3)) == 0:
            break
    if holder is None:
        return content
    change = draw(st.sampled_from(["value", "value", "value", "remove", "rename"]))
    if change == "value":
        holder[key] = draw(JSON_VALUES)
    elif change == "remove":
        del holder[key]
    elif isinstance(holder, dict):
        holder[draw(TEXTS)] = holder.pop(key)
    return json.dumps(document).encode(errors="surrogatepass")


@st.composite
def damaged(draw, content):
    """Damage the content of a file, once or twice; sometimes not at all."""
    changes = [bytes_changed, digit_changed]
    try:
        content.decode()
        changes += [lines_changed, key_changed if content.startswith(b"{") else cell_changed] * 2
    except UnicodeDecodeError:
        pass
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 1, 1, 1, 2, 2]))):
        content = draw(draw(st.sampled_from(changes))(content))
    return content
