"""A device refitted to new counts, its program shifted, and what that regains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import number, p_value
from dwsynapse.study import Hardware
from fitting.comparison.new_counts.reads_needed import offset_sd_by_reads
from fitting.comparison.new_counts.refitted_device import refitted
from fitting.device import DeviceModel
from hardware.manifest import Manifest
from hardware.program import Program, require_one_layer
from hardware.recalibration.moved_program import moved_program
from hardware.recalibration.predicted_accuracy import predicted_accuracies
from hardware.verification.log_tests.fields_measured import fields_measured
from hardware.verification.log_tests.result import LogResult
from hardware.verification.nuisances import Nuisances
from hardware.verification.reads import Reads

OF_NEW_COUNTS = {
    "source": "measurement",
    "data": "new counts",
    "check": "check these counts first",
    "fields": None,
}
"""What is known of counts that are given as such."""


def counts_of_log(
    log: pd.DataFrame, manifest: Manifest, program: Program, settings: Hardware
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the counts of a log that was read, and what is known of them."""
    nuisances = Nuisances.of(manifest, settings, log)
    return nuisances.counts(Reads.of(log, program)), {
        "source": "simulation" if manifest.synthetic else "measurement",
        "data": f"a log of {manifest.laboratory}",
        "check": "verify this log first",
        "fields": fields_measured(log, settings, settings.significance)
        if "field_measured_mT" in log
        else None,
        "detection": nuisances.detection,
        "wire_spread_mT": nuisances.wire_spread_mT,
    }


@dataclass(frozen=True)
class Recalibrated:
    """A device as it is now.

    Parameters
    ----------
    device
        The refitted device.
    program
        The program with its fields shifted; None where that would follow a fault (`_doubt`).
    content
        Content of ``recalibration.json``, without its provenance.
    """

    device: DeviceModel
    program: Program | None
    content: dict[str, Any]

    @classmethod
    def of(
        cls,
        before: DeviceModel,
        program: Program,
        table: pd.DataFrame,
        settings: Hardware,
        known: Mapping[str, Any],
        shown: tuple[NDArray[np.uint8], NDArray[np.int64]] | None,
        *,
        drift_sd_mT: float,
        name: str | None,
        confidence: float,
        seed: int,
        provenance: dict[str, Any],
    ) -> Self:
        """Refit a device, shift its program, and predict the accuracy.

        Parameters
        ----------
        before
            The device before.
        program
            The program made for it.
        table
            New counts (`dwsynapse.io.contracts.COUNTS`).
        settings
            Grid of the fields, their uncertainty, the tolerance of the accuracy.
        known
            What is known of the counts: `OF_NEW_COUNTS`, or of `counts_of_log`.
        shown
            Pixels and labels of the images, for the accuracy; None leaves it out.
        drift_sd_mT
            How far the fields may have drifted, one standard deviation.
        name
            Of the device as it is now; None: NAME-recalibrated.
        confidence
            Confidence of intervals.
        seed
            Seed of draws and simulations.
        provenance
            Of the device.
        """
        require_one_layer(program, "recalibration shifts those of one layer only")
        found = refitted(
            before,
            table,
            drift_sd_mT,
            settings.field_scale_sd,
            name=name or f"{before.name}-recalibrated",
            seed=seed,
            confidence=confidence,
            provenance=provenance,
            **{key: value for key, value in known.items() if key not in ("check", "fields")},
        )
        doubt = _doubt(found.p_value, known["fields"], settings.significance)
        if doubt and not _has_fields(found.device):
            raise InputError(
                f"the curve moved by {number(found.offset.value, signed=True)} mT, to fields at "
                f"which walls nucleate, and {doubt}",
                remedy=f"{known['check']}, and the unit of the fields",
            )
        # The curve is against the fields measured, the program has those that are set.
        away_mT = known["fields"].effect_size if known["fields"] else 0.0
        shift_mT = found.offset.value - away_mT
        moved = moved_program(program, shift_mT, found.device, settings.field_step_mT)
        content: dict[str, Any] = {
            "device": before.name,
            "recalibrated": found.device.name,
            "data": known["data"],
            "synthetic": known["source"] == "simulation",
            "n_reads": int(table["n_trials"].sum()),
            "offset": vars(found.offset) | {"unit": "mT", "confidence": confidence},
            "offset_meaning": "centre of the refitted curve minus that of the device before",
            "p_value": found.p_value,
            "p_value_meaning": f"that it has not changed but by a drift of {drift_sd_mT:g} mT (sd)",
            "drift_sd_mT": drift_sd_mT,
            "fields_measured_minus_set_mT": away_mT if known["fields"] else None,
            "doubt": doubt,
            "program": None
            if doubt
            else {
                "shifted_by_mT": shift_mT,
                "field_step_mT": settings.field_step_mT,
                "n_held_at_the_ends": _held(program, moved, shift_mT, settings),
            },
            "reads_needed": _reads_needed(
                before, program, None if shown is None else shown[0], drift_sd_mT, settings
            ),
            "accuracy": None,
        }
        if shown is not None:
            content["accuracy"] = predicted_accuracies(
                program,
                moved,
                (before, found.device),
                *shown,
                settings.tolerance_accuracy,
                seed,
                away_mT=away_mT,
            )
            if doubt:
                content["accuracy"] |= {"advice": known["check"], "why": doubt}
        return cls(found.device, None if doubt else moved, content)


def _has_fields(device: DeviceModel) -> bool:
    """Return whether walls are not nucleated at the lowest field of a device's range."""
    nucleation_mT = device.nucleation_field_mT
    return nucleation_mT is None or device.field_range_mT[0] < nucleation_mT


def _reads_needed(
    before: DeviceModel,
    loaded: Program,
    pixels: NDArray[np.uint8] | None,
    drift_sd_mT: float,
    settings: Hardware,
) -> Any:
    """Return how well reads find a drift, of synapses as often as images ask for them."""
    shares = loaded.fields_mT * 0 + (1.0 if pixels is None else pixels.mean(axis=0))
    used = shares > 0
    of_used = (shares / shares.sum())[used]
    return offset_sd_by_reads(
        before, loaded.fields_mT[used], of_used, drift_sd_mT, settings.field_scale_sd
    )


def _held(loaded: Program, moved: Program, offset_mT: float, settings: Hardware) -> int:
    """Return how many synapses could not follow the shift within the range of the fields."""
    away = abs(moved.fields_mT - loaded.fields_mT - offset_mT)
    return int((away > settings.field_step_mT).sum())


def _doubt(p: float, fields: LogResult | None, significance: float) -> str | None:
    """Return why no program is shifted: it would follow a fault."""
    if fields and fields.p_value < significance:
        why = (
            f"the fields measured are not those set ({p_value(fields.p_value)}), by "
            f"{number(fields.effect_size, signed=True)} mT in the mean: correct supply or probe"
        )
    elif p < significance:
        why = (
            f"more has changed than the fields ({p_value(p)}), as with a wrong wire or a bench "
            "that does not work"
        )
    else:
        return None
    return f"{why}; no program was written"
