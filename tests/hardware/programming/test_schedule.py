"""What a bench is told: phases of the field, and the reads of each image in their order."""

import dataclasses

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study.bench import FieldSinusoid
from hardware.schedule import Schedule, operations
from tests.hardware.small_task import make_task

WAVE = FieldSinusoid(amplitude_mT=6, frequency_Hz=50, offset_mT=1)


def test_the_field_at_the_delay_is_the_one_programmed_and_rises():
    fields_mT = np.array([[0.0, 0.9, 1.0], [4.6, 6.9, 7.0]])
    phase_deg, delay_us = Schedule(sinusoid=WAVE).trigger(fields_mT)
    assert ((phase_deg >= 0) & (phase_deg < 360)).all()

    def field_mT(time_us):
        return 1 + 6 * np.sin(2 * np.pi * 50 * time_us * 1e-6)

    # Phases are rounded to 1e-9 degrees, which is 1e-10 mT here.
    np.testing.assert_allclose(field_mT(delay_us), fields_mT, atol=1e-9)
    np.testing.assert_allclose(delay_us, phase_deg / 360 / 50 * 1e6)
    below_peak = fields_mT < 7
    assert (field_mT(delay_us + 1) > field_mT(delay_us))[below_peak].all()


def test_a_field_beyond_the_amplitude_is_refused_in_one_line():
    message = (
        r"hardware\.field_sinusoid: the field goes from -5 to 7 mT, but the synapse \(out, in\) "
        r"\(1, 0\) needs 7\.1 mT and 1 more; give a larger amplitude_mT"
    )
    with pytest.raises(InputError, match=message):
        Schedule(sinusoid=WAVE).trigger(np.array([[1.0, 2.0], [7.1, 9.0]]))


@pytest.mark.parametrize("order", ["interleaved", "sequential", "randomised"])
def test_each_active_input_is_read_k_times_in_the_order_asked(order):
    program, pixels, _ = make_task()
    program = dataclasses.replace(program, schedule=Schedule(sinusoid=WAVE, order=order))
    shown = list(operations(program, pixels, [3, 1]))
    assert [one.image for one in shown] == [3, 1]
    for one in shown:
        keys = set(zip(one.out, one.in_, one.read, strict=True))
        active = np.flatnonzero(pixels[one.image])
        assert keys == {(i, j, k) for i in range(5) for j in active for k in range(4)}
        assert len(one) == len(keys)
        np.testing.assert_array_equal(one.field_mT, program.fields_mT[one.out, one.in_])
        rises = [(np.diff(values) >= 0).all() for values in (one.read, one.out)]
        assert rises == [order == "interleaved", order == "sequential"]
        field_mT = 1 + 6 * np.sin(np.radians(one.phase_deg))
        np.testing.assert_allclose(field_mT, one.field_mT, atol=1e-9)


def test_a_random_order_follows_from_its_seed_and_the_image():
    program, pixels, _ = make_task()

    def reads(seed, image):
        schedule = Schedule(order="randomised", order_seed=seed)
        planned = dataclasses.replace(program, schedule=schedule)
        (one,) = operations(planned, pixels[[0] * 3], [image])
        return one.read.tolist()

    assert reads(1, 2) == reads(1, 2)
    assert reads(1, 2) != reads(2, 2)
    assert reads(1, 2) != reads(1, 1)
