"""The variations of a wire: each changes what it says, and nothing else."""

from pathlib import Path

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.presets.ellis import ELLIS_WIRE
from dwsynapse.study.reading import flat
from dwsynapse.study.wires.variation import SMOOTH, given_variations
from micromag.sensitivity.default_variations import default_variations
from micromag.trials.simulate import require_runnable

QUICK, PATH = SimulatedDevice(), Path("wire.yaml")


def changed_keys(device, other):
    before, after = (flat(d.model_dump(mode="json", exclude={"shipped"})) for d in (device, other))
    return {key for key in before | after if before.get(key) != after.get(key)}


@pytest.mark.parametrize("device", [QUICK, ELLIS_WIRE], ids=["quick", "ellis"])
def test_each_variation_changes_what_it_says(device):
    found = default_variations(device)
    labels = [one.label(device) for one in found]
    assert len(set(labels)) == len(labels) == 28
    for one in found:
        follows = {"wire.cell_nm"} if one.key == "wire.thickness_nm" else set()
        wanted = {*one.changes, *one.reference, *follows}
        assert changed_keys(device, one.wire(device, PATH)) == wanted, one


def test_a_notch_is_compared_between_wires_with_smooth_edges():
    for one in default_variations(QUICK):
        assert one.reference == ({SMOOTH: True} if ".notch." in one.key else {})
    wire = QUICK.wire.model_copy(update={"smooth_edges": True})
    smooth = default_variations(QUICK.model_copy(update={"wire": wire}))
    assert not any(one.reference for one in smooth)
    assert SMOOTH not in {one.key for one in smooth}


def test_the_quick_wire_can_be_simulated_with_each_and_layers_get_a_shorter_step():
    wires = {one.key: one.wire(QUICK, PATH) for one in default_variations(QUICK)}
    for wire in wires.values():
        require_runnable(wire)
    layered = wires["wire.cell_nm"]
    assert layered.wire.cells == (128, 16, 2)
    # Exchange along x, y and z with cells of 5, 5 and 2.5 nm: 1 + 1 + 4 in the place of 1 + 1.
    assert layered.numerics.time_step_fs == pytest.approx(400 / 3, rel=1e-5)


def test_named_variations_take_numbers_ranges_words_and_truths():
    words = ["release_distance_nm=120,140:180", "notch.shape=rectangle", "smooth_edges=true"]
    found = given_variations(QUICK, [*words, "wire.cell_nm=5:5:2.5"], PATH)
    changes = [change for one in found for change in one.changes.items()]
    assert changes == [
        ("protocol.release_distance_nm", 120),
        ("protocol.release_distance_nm", [140, 180]),
        ("wire.notch.shape", "rectangle"),
        (SMOOTH, True),
        ("wire.cell_nm", [5, 5, 2.5]),
    ]
    assert found[1].label(QUICK) == "distance of release 160 → [140, 180] nm"
    assert found[3].label(QUICK) == "smooth edges no → yes"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("gilbert=0.1", "no key of a device is named 'gilbert'"),
        ("gilbert_damping=", "'gilbert_damping=' has no value"),
        ("noise=common", "no key of a device is named 'noise'"),
        ("notch.shape=round", "no wire with wire.notch.shape = round"),
        ("notch.covered_fraction=0.5,0.99", "no wire with wire.notch.covered_fraction = 0.99"),
    ],
)
def test_what_makes_no_wire_is_refused_in_one_line(word, says):
    with pytest.raises(InputError) as error:
        given_variations(QUICK, [word], PATH)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
