"""The printed report of a fit."""

import math
from typing import Any

from dwsynapse.drives import FIELD, Drive
from dwsynapse.fit_badge import fit_badge, poor_tests
from dwsynapse.io.number_format import least_p_value, p_value
from fitting.device import DeviceModel
from fitting.goodness.band_widening import band_note
from fitting.inference.fisher_scoring import MAX_FLOOR


def _unit(units: dict[str, str], name: str) -> str:
    unit = units.get(name, "1")
    return "" if unit == "1" else unit


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "(no bounds)"
    if high is None:
        return f"> {low:.5g}"
    if low is None:
        return f"< {high:.5g}"
    return "(given)" if low == high else f"[{low:.5g}, {high:.5g}]"


def _field_line(at: dict[str, Any]) -> str:
    name = f"f = {at['probability']:g}"
    if at["field_mT"] is None:
        return f"{name:<14}{'none':>10}  {at['note']}"
    return f"{name:<14}{at['field_mT']:>10.5g}  {_bounds(at['low'], at['high'])} mT"


def _cap_line(device: DeviceModel, name: str, cap: float) -> str:
    """Return what to do about a floor or a lapse that is as high as the fit allows."""
    other, fields = {"floor": ("lapse", "lower"), "lapse": ("floor", "higher")}[name]
    # Room for twice the other share, since both ranges together stay below 1.
    room = math.floor(100 * (MAX_FLOOR - 2 * getattr(device.curve, other))) / 100
    wider = min(2 * cap, room)
    remedy = f"measure at {fields} fields, where the curve is flat"
    if wider > cap:
        remedy = f"give --{name} a range that reaches higher, as in 0:{wider:.2g}, or {remedy}"
    return f"{name} is at the highest value allowed, {cap:g}: {remedy}"


def report(device: DeviceModel) -> str:
    """Return the parameters with intervals, the tests and the forms of a fitted device."""
    return device.drive.said(_report_of_field(device), [device.name])


def _report_of_field(device: DeviceModel) -> str:
    values, units = device.curve.values(), device.curve.units()
    lines = [f"{device.name} ({device.source}): {device.curve.title}, {device.interval_kind}"]
    lines += [f"  {name} {value:g} (given)" for name, value in device.curve.constants().items()]
    rows = {name: (values[name], *bounds) for name, bounds in device.intervals.items()}
    for name, (value, low, high) in (rows | device.nuisances).items():
        lines.append(
            f"  {name:<14}{value:>10.5g}  {_bounds(low, high)} {_unit(units, name)}".rstrip()
        )
    lines += [f"  {_field_line(at)}" for at in device.fields_at]
    lines += [f"  {_cap_line(device, name, cap)}" for name, cap in device.at_cap.items()]
    found = device.goodness_of_fit
    least = least_p_value(found["bootstrap_simulations"] if found else None)
    if found is not None:
        lines.append(f"Does it fit? ({found['bootstrap_simulations']} simulated tables)")
        lines += [
            f"  {t['test']:<32}{t['statistic']:>9.3g}  {p_value(t['p_value'], least)}"
            for t in found["tests"]
        ]
        lines += [badge] if (badge := fit_badge(found)) else []
    if note := band_note(found, device.confidence or 0.95):
        lines.append(f"Band of the curve: {note}")
    if device.forms:
        own_aic = next(f["delta_aic"] for f in device.forms if f["form"] == device.curve.form)
        lines.append("Forms (p: chance of so much better a fit if the fitted form is correct)")
        lines += [
            f"  {f['form']:<24}delta AIC {f['delta_aic']:>8.2f}  weight {f['akaike_weight']:.3f}"
            + (f"  {p_value(f['p_value'], least)}" if f["delta_aic"] < own_aic else "")
            for f in sorted(device.forms, key=lambda f: f["delta_aic"])
        ]
    return "\n".join(lines)


def poor_fit_lines(name: str, goodness: dict[str, Any] | None, drive: Drive = FIELD) -> list[str]:
    """Return a warning for each test that rejects the fit of that name."""
    least = least_p_value(goodness["bootstrap_simulations"] if goodness else None)
    return [
        f"warning: {name}: "
        + drive.said(f"{test['meaning']} ({test['test']} {test['statistic']:.3g}, ")
        + f"{p_value(test['p_value'], least)})"
        for test in poor_tests(goodness)
    ]
