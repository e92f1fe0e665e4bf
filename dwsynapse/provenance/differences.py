"""How two files of one kind differ, value by value."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import counted
from dwsynapse.io.tables.cells import read_cells

Values = dict[str, NDArray[Any]]
"""The values of a file by their place in it."""


@dataclass(frozen=True)
class Difference:
    """How much two files differ.

    Parameters
    ----------
    n_values
        Values compared.
    n_different
        Those that differ.
    place
        Where they differ most.
    before, now
        The values there.
    size
        Their difference, as a share of the largest value of their array or column; infinite where
        they are no numbers.
    """

    n_values: int
    n_different: int
    place: str = ""
    before: Any = None
    now: Any = None
    size: float = 0.0

    def __str__(self) -> str:
        """Return the difference in words."""
        if not self.n_different:
            return "same"
        words = f"{self.n_different} of {counted(self.n_values, 'value')} differ, most at "
        words += f"{self.place}: {_short(self.before)} before, {_short(self.now)} now"
        if np.isfinite(self.size):
            words += f" ({self.size:.1g} of the largest value there)"
        return words


def difference(before: Path, now: Path) -> Difference:
    """Compare two files without what they state of their origin: provenance and checksums."""
    if before.read_bytes() == now.read_bytes():
        return Difference(1, 0)
    return difference_of(values_of(before), values_of(now))


def difference_of(before: Values, now: Values) -> Difference:
    """Compare values; of several differences, the largest one is named (`Difference.size`)."""
    n_values = n_different = 0
    worst = 0.0
    at: tuple[str, Any, Any] = ("", None, None)
    for place in dict.fromkeys([*before, *now]):
        a, b = before.get(place), now.get(place)
        if a is None or b is None or a.shape != b.shape:
            n_values, n_different, size = n_values + 1, n_different + 1, np.inf
            found: tuple[str, Any, Any] = place, a, b
        else:
            sizes = _sizes(a, b)
            n_values, n_different = n_values + a.size, n_different + int((sizes > 0).sum())
            if not a.size:
                continue
            index = np.unravel_index(int(sizes.argmax()), a.shape)
            size = float(sizes[index])
            where = "".join(f"[{i}]" for i in index)
            found = f"{place}{where}", a[index], b[index]
        if size > worst:
            worst, at = size, found
    return Difference(n_values, n_different, *at, worst)


def _sizes(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Return differences as shares of the largest value, infinite where they are no numbers."""
    if not (np.issubdtype(a.dtype, np.number) and np.issubdtype(b.dtype, np.number)):
        return np.where(a.astype(str) == b.astype(str), 0.0, np.inf)
    x, y = a.astype(float), b.astype(float)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    finite = np.abs(np.concatenate([x.ravel(), y.ravel()]))
    largest = finite[np.isfinite(finite)].max(initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = np.abs(x - y) / largest
    return np.where(same, 0.0, np.nan_to_num(sizes, nan=np.inf))


def values_of(path: Path) -> Values:
    """Return the values of a file by their place; of a figure or page, its lines."""
    if path.suffix == ".json":
        return {
            place: np.asarray(value)
            for place, value in _leaves(json.loads(path.read_text("utf-8")))
        }
    if path.suffix == ".csv":
        cells, _ = read_cells(path, "a table (CSV)", lambda name: True)
        return {str(name): _numbers(column.to_numpy()) for name, column in cells.items()}
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays if name != "provenance"}
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return load_file(path)
    if path.suffix == ".parquet":
        import pandas as pd

        return {str(name): column.to_numpy() for name, column in pd.read_parquet(path).items()}
    if path.suffix == ".omf":
        import discretisedfield as df

        return {"m": df.Field.from_file(path).array}
    return {"line": np.array(path.read_text(errors="replace").splitlines())}


def _leaves(content: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a JSON document with their keys, without provenance and checksums."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key != "provenance" and not key.endswith("sha256"):
                yield from _leaves(value, f"{place}.{key}" if place else key)
    elif isinstance(content, list) and not all(map(_is_number, content)):
        for n, value in enumerate(content):
            yield from _leaves(value, f"{place}[{n}]")
    else:
        yield place, content


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _numbers(cells: NDArray[Any]) -> NDArray[Any]:
    """Return cells as numbers, where all are."""
    try:
        return cells.astype(float)
    except (TypeError, ValueError):
        return cells


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, np.ndarray) and value.size != 1:
        return f"an array of shape {value.shape}"
    text = str(value)
    return text if len(text) < 40 else f"{text[:40]}..."
