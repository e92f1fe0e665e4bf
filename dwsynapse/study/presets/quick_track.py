"""The track of the default study, and what learns on it: few notches and images, to be quick."""

from dwsynapse.study.crossbar import Crossbar
from dwsynapse.study.devices.pulses import Pulses, Ramps
from dwsynapse.study.devices.track import Notches, Track
from dwsynapse.study.devices.track_device import TrackDevice

QUICK_TRACK = TrackDevice(
    source="simulation",
    track=Track(length_nm=340, notches=Notches(number=6), window_notches=None),
    pulses=Pulses(rest_ns=2, settle_ns=0.5, sequence=Ramps(kind="ramps", up=5, down=5, number=32)),
    threads=1,
)
"""Driven by spin-transfer torque, in the material of Liu et al. 2021. Cells of 5 nm show half of a
notch's curve, and make the walls less certain than finer ones would (`docs/tracks.md`). Its job
shares two cores with the trainings: one of two threads would wait until both are free."""

QUICK_CROSSBAR = Crossbar(
    hidden=(100,),
    levels="response",
    update="whole",
    register_bits=8,
    learning_rate=0.1,
    training_images=5000,
    validation_images=1000,
    epochs=3,
    models=1,
)
"""Walls rest at the notches and get whole pulses; a register of a byte gathers what makes none."""
