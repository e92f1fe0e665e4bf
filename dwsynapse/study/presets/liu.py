"""The tracks of Liu et al. 2021, driven by spin-transfer torque and by spin-orbit torque.

Appl. Phys. Lett. 118, 202405 (2021), https://doi.org/10.1063/5.0046032. Our choices, not given in
the paper: the cells, the notches of the STT track (it gives a radius of 5 nm for the SOT track
only), the resistance, no field-like torque, and that windows stand in for the whole track.
"""

from dwsynapse.study.devices.current import HeavyMetal
from dwsynapse.study.devices.pulses import Pulses, Ramps
from dwsynapse.study.devices.track import Notches, Track
from dwsynapse.study.devices.track_device import TrackDevice

_RAMPS = Ramps(kind="ramps", up=31, down=31, number=30)

LIU_STT = TrackDevice(
    source="simulation",
    track=Track(
        length_nm=1050,
        cell_nm=(2.5, 2.5),
        fixed_end_nm=30,
        notches=Notches(spacing_nm=30, number=32),
        window_notches=9,
    ),
    mechanism="stt",
    pulses=Pulses(current_uA=(50,), duration_ns=(1,), sequence=_RAMPS),
)

LIU_SOT = TrackDevice(
    source="simulation",
    track=Track(
        length_nm=1750,
        cell_nm=(2.5, 2.5),
        fixed_end_nm=50,
        notches=Notches(spacing_nm=50, number=32),
        window_notches=7,
    ),
    mechanism="sot",
    heavy_metal=HeavyMetal(),
    pulses=Pulses(current_uA=(27,), duration_ns=(0.5,), sequence=_RAMPS),
)
