"""Which calibration of the fields would make two curves one, and whether it may be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import norm

from dwsynapse.io.number_format import interval, number, p_value
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.comparison.joint_likelihood import Estimate
from fitting.device import DeviceModel


@dataclass(frozen=True)
class Calibration:
    """The likeliest calibration with which two curves are one.

    Parameters
    ----------
    estimates
        offset_mT, or offset_mT and scale, with their intervals.
    p_value
        Whether the curves are one after it: small where no calibration of this kind makes them so.
    """

    estimates: dict[str, Estimate]
    p_value: float


# The differences that each kind of calibration leaves as they are.
LEFT = {
    "offset": ("difference in delta_per_mT", "difference in floor", "difference in lapse"),
    "offset_and_scale": ("difference in floor", "difference in lapse"),
}
P_VALUE_MEANING = "that the curves are one after this calibration"
RECONCILED = 0.01
"""Below this p-value a calibration does not make two curves one."""
MEANING = "field of the reference = offset_mT + scale x field of the device"


@dataclass(frozen=True)
class _Known:
    """A value with a statistical error, and an error of rounding that is added in full."""

    value: float
    sd: float
    rounding: float


def calibration_of_curves(
    device: DeviceModel, reference: DeviceModel, confidence: float
) -> dict[str, Calibration]:
    """Return the offset, and offset and scale, that bring the rise of one curve onto the other's.

    Errors of the curves are propagated to first order from the bounds of place and steepness.

    Parameters
    ----------
    device, reference
        The device models.
    confidence
        Confidence of the intervals.

    Returns
    -------
    dict
        ``offset`` with offset_mT, and ``offset_and_scale`` with offset_mT and scale; their p-values
        are 1 (`with_what_is_left`).
    """
    names = ("h0_mT", "delta_per_mT")
    (h, d), (h_ref, d_ref) = ([_known(m, n) for n in names] for m in (device, reference))
    scale = d.value / d_ref.value
    sd = float(np.hypot(d.sd / d.value, d_ref.sd / d_ref.value))
    rounding = d.rounding / d.value + d_ref.rounding / d_ref.value
    of_scale = _Known(scale, scale * sd, scale * rounding)
    of_offset = _Known(
        h_ref.value - scale * h.value,
        float(np.linalg.norm([h_ref.sd, scale * h.sd, h.value * of_scale.sd])),
        h_ref.rounding + scale * h.rounding + h.value * of_scale.rounding,
    )
    alone = _Known(
        h_ref.value - h.value, float(np.hypot(h.sd, h_ref.sd)), h.rounding + h_ref.rounding
    )
    z = float(norm.ppf((1 + confidence) / 2))
    return {
        "offset": Calibration({"offset_mT": _estimate(alone, z)}, 1.0),
        "offset_and_scale": Calibration(
            {"offset_mT": _estimate(of_offset, z), "scale": _estimate(of_scale, z)}, 1.0
        ),
    }


def with_what_is_left(
    found: dict[str, Calibration], tests: Sequence[dict[str, Any]]
) -> dict[str, Calibration]:
    """Return the calibrations with the p-value of the differences that each leaves as they are.

    The least of them, multiplied with their number.
    """
    result = {}
    for kind, calibration in found.items():
        p_values = [test["p_value"] for test in tests if test["test"] in LEFT[kind]]
        least = min([1.0, *(len(p_values) * p for p in p_values)])
        result[kind] = replace(calibration, p_value=least)
    return result


def calibration_content(found: dict[str, Calibration], prior: CalibrationPrior) -> dict[str, Any]:
    """Return what ``comparison.json`` says of the calibration that would reconcile two curves."""
    offset = found["offset"].estimates["offset_mT"]
    return {
        "meaning": MEANING,
        "known_beforehand": {"offset_sd_mT": prior.offset_sd_mT, "scale_sd": prior.scale_sd},
        **{
            kind: {
                **{name: estimate._asdict() for name, estimate in calibration.estimates.items()},
                "p_value": calibration.p_value,
            }
            for kind, calibration in found.items()
        },
        "p_value_meaning": P_VALUE_MEANING,
        "offset_in_sds": offset.value / prior.offset_sd_mT if prior.offset_sd_mT else None,
    }


def calibration_lines(content: dict[str, Any]) -> list[str]:
    """Return each kind of calibration in words, from what ``comparison.json`` says of it."""
    lines = []
    for kind in LEFT:
        names = [name for name in ("offset_mT", "scale") if name in content[kind]]
        if all(content[kind][name][end] is None for name in names for end in ("low", "high")):
            what = " and ".join(name.removesuffix("_mT") for name in names)
            written = f"{what}: not determined, as the width of a step is not"
        else:
            written = ", ".join(_in_words(name, content[kind][name]) for name in names)
        p = content[kind]["p_value"]
        after = "" if p > RECONCILED else f"; the curves still differ ({p_value(p)})"
        lines.append(written + after)
    return lines


def _in_words(name: str, estimate: dict[str, float | None]) -> str:
    unit = " mT" if name.endswith("_mT") else ""
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    return f"{name.removesuffix('_mT')} {number(value or 0.0)}{unit} {interval(low, high)}"


def _known(model: DeviceModel, name: str) -> _Known:
    value, low, high = model.place_and_steepness()[name]
    ends = [np.inf if end is None else abs(value - end) for end in (low, high)]
    distance = float(np.mean(ends))
    if model.confidence is None:
        return _Known(value, 0.0, distance)
    return _Known(value, distance / float(norm.ppf((1 + model.confidence) / 2)), 0.0)


def _estimate(known: _Known, z: float) -> Estimate:
    reach = z * known.sd + known.rounding
    if not np.isfinite(reach):
        return Estimate(known.value, None, None)
    return Estimate(known.value, known.value - reach, known.value + reach)
