"""The devices of Ellis et al. 2023: the published curve, and the wire that it was measured on."""

from dwsynapse.study.devices.numerics import Numerics, Sampling
from dwsynapse.study.devices.protocol import Protocol
from dwsynapse.study.devices.sources import PublishedDevice, PublishedParameters, SimulatedDevice
from dwsynapse.study.devices.wall import Wall
from dwsynapse.study.devices.wire import Notch, Wire

ELLIS2023 = PublishedDevice(
    source="published",
    citation="Ellis et al., Neuromorph. Comput. Eng. 3, 021001 (2023), Eq. 9 and section 4.3",
    parameters=PublishedParameters(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73),
    rounding=PublishedParameters(floor=0.00005, h0_mT=0.005, delta_per_mT=0.005),
    field_range_mT=(0.0, 10.0),
    nucleation_field_mT=10.74,
)


ELLIS_WIRE = SimulatedDevice(
    wire=Wire(
        length_nm=1600,
        width_nm=400,
        thickness_nm=54,
        cell_nm=(6.25, 6.25, 54),
        ends="continued",
        notch=Notch(centre_nm=900, covered_fraction=0.6, opening_nm=240),
    ),
    wall=Wall(kind="vortex", chirality="drawn", polarity="drawn"),
    protocol=Protocol(
        release_distance_nm=450,
        window_ns=8,
        passed_beyond_nm=200,
        notch_zone_nm=290,
        pinned_after_ns=5,
    ),
    numerics=Numerics(time_step_fs=750, observe_every_ps=15, noise="common"),
    sampling=Sampling(
        first_fields_mT=(8, 9, 9.5, 10, 10.5, 11, 12, 13, 14, 16),
        rounds=1,
        trials_per_round=500,
        batches_per_round=10,
    ),
    shipped="micromag/shipped/ellis-wire",
    networks=False,
)
"""The device of Ellis et al. 2023, section 4.1: 400 nm wide, 54 nm thick, notches over 60 % of it.

Our choices, not given in the paper: V shape and opening of the notches, the release distance,
how long a wall may wait at the notch, and cells of 6.25 nm (the exchange length is 5.7 nm). Its
noise is common since its shipped trials were made before noise depended on the wire.
"""
