"""Classes of the public Python API: a bad value ends in one line, as it does in a file."""

from dataclasses import replace

import numpy as np
import pytest

import dwsynapse as dw
from dwsynapse import study
from dwsynapse.io.errors import InputError
from dwsynapse.study.block import Block
from fitting.forms.logistic import Logistic


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: dw.Fitting(confidence=95),
            r"Fitting.confidence: must be less than 1 \(found 95",
        ),
        (
            lambda: dw.Fitting(form="logit"),
            r"Fitting.form: must be 'logistic', .*\(found 'logit",
        ),
        (lambda: dw.Fitting(confidense=0.9), "Fitting.confidense: unknown key; correct it"),
        (
            lambda: dw.Fitting(confidence=True),
            "Fitting: confidence must not be true; give",
        ),
        (
            lambda: setattr(dw.Fitting(), "confidence", 0.9),
            "Fitting.confidence: settings do",
        ),
        (
            lambda: dw.Network(reads_train=[0]),
            r"reads_train.0: must be at least 1 \(found 0",
        ),
        (lambda: dw.Hardware(reads_train="x"), r"must be a list, such as \[1, 2\] \(found 'x'\)"),
        (lambda: dw.Crossbar(register_bits=-1), "register_bits: must be at least 2"),
        (
            lambda: dw.SimulatedDevice(wire={"width_nm": -80}),
            r"SimulatedDevice.wire.width_nm: must be at least 1 \(found -80\)",
        ),
        (
            lambda: dw.SimulatedDevice(wire={"width_nm": 82}),
            "SimulatedDevice.wire: cells of 5 nm do not tile width_nm = 82; choose a multiple",
        ),
        (lambda: dw.Junction("a", 1.5), r"junction: parallel_ohm: must be above 0 .*found 'a'"),
        (lambda: dw.TrackGeometry(0, 50, (60,), 30, 30), "length_nm: must be greater than 0"),
        (lambda: dw.TrackGeometry(400, 50, None, 30, 30), "notch_positions_nm: must be a valid l"),
        (lambda: dw.TrackGeometry(400, 50, (90, 60), 30, 30), "notch_positions_nm: .* must rise"),
        (lambda: dw.VirtualBench(None), r"device: must be of type DeviceModel \(found NoneType\)"),
        (
            lambda: dw.StochasticSynapses(None, [], np.zeros(1), np.zeros(1)),
            "curve: must be of type PassingCurve",
        ),
    ],
)
def test_a_bad_value_is_one_line(make, says):
    with pytest.raises(InputError, match=says) as error:
        make()
    assert "\n" not in str(error.value)


CURVE = Logistic(0.0, 7.0, 2.0)
EXACT = {name: (value, value) for name, value in CURVE.values().items() if name != "lapse"}
DEVICE = dw.DeviceModel("w", "measurement", CURVE, EXACT, "none", (2.0, 9.0))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"curve": None}, r"DeviceModel.curve: must be of type PassingCurve \(found NoneType\)"),
        ({"draws": [[0.0, 7.0, 2.0]]}, r"DeviceModel.draws: must be of type ndarray"),
        ({"nucleation_field_mT": "20"}, "DeviceModel.nucleation_field_mT: must be of type Real"),
        ({"confidence": 95}, "device: confidence: must be above 0 and below 1; give that of dw"),
        ({"intervals": {"h0_mT": 7.0}}, "device: wrong value: cannot unpack"),
        ({"field_range_mT": (9.0, 2.0)}, "device: field_range_mT: must go from a lower"),
    ],
)
def test_a_device_with_a_bad_part_is_one_line(changed, says):
    with pytest.raises(InputError, match=says):
        dw.make_program([], replace(DEVICE, **changed))


@pytest.mark.parametrize("kind", [dw.DeviceModel, dw.Images, dw.GreyImages, dw.TrackGeometry])
def test_what_is_no_path_is_one_line(kind):
    with pytest.raises(InputError, match=r"path: must be a path \(found None\)"):
        kind.read(None)
    if kind is dw.DeviceModel:
        with pytest.raises(InputError, match=r"path: must be a path \(found 3\)"):
            DEVICE.write(3)


def test_what_is_no_verification_is_not_drawn():
    with pytest.raises(InputError, match=r"laboratory: no such key; give what dw.verify has ret"):
        dw.draw_verification({})


def test_every_block_of_a_study_says_it_in_one_line():
    _ = study.Study  # and with it all others
    blocks = [kind for kind in _below(Block) if kind.__module__.startswith("dwsynapse.study")]
    assert len(blocks) > 20
    for kind in blocks:
        with pytest.raises(InputError, match=rf"^{kind.__name__}\.") as error:
            kind(no_such_key=1)
        assert "\n" not in str(error.value)


def _below(kind):
    return {kind for below in kind.__subclasses__() for kind in {below, *_below(below)}}
