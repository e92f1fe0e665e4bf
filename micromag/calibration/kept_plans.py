"""Plans of rounds, kept so that a stopped calibration continues with the same wires."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from dwsynapse.io.files import identity, read_json, write_json
from dwsynapse.io.json_shapes import Shape
from micromag.calibration.proposal import PlannedWire

KIND, VERSION = "calibration-round", 1


class WireShape(Shape):
    """A planned wire: scaled parameters, fields and trials at each."""

    wire: list[float]
    fields_mT: list[float] = Field(min_length=1)
    n_trials: list[int] = Field(min_length=1)


class RoundShape(Shape):
    """``rounds/N.json``."""

    origin: dict[str, Any]
    wires: list[WireShape] = Field(min_length=1)


def kept_plan(
    folder: Path, origin: dict[str, Any], number: int, make: Callable[[], list[PlannedWire]]
) -> list[PlannedWire]:
    """Return the plan of a round that is kept for this origin; make and keep it if none is.

    Parameters
    ----------
    folder
        Where plans are kept.
    origin
        Everything that a plan follows from.
    number
        Number of the round.
    make
        Makes the plan.
    """
    path = folder / f"{number}.json"
    if path.is_file():
        content = read_json(path, KIND, VERSION, RoundShape, "remove it")
        if identity(content["origin"]) == identity(origin):
            return [
                PlannedWire(
                    np.array(one["wire"]),
                    dict(zip(map(float, one["fields_mT"]), one["n_trials"], strict=True)),
                )
                for one in content["wires"]
            ]
    planned = make()
    wires = [
        {
            "wire": one.wire.tolist(),
            "fields_mT": list(one.trials),
            "n_trials": list(one.trials.values()),
        }
        for one in planned
    ]
    write_json(path, KIND, VERSION, {"origin": origin, "wires": wires})
    return planned
