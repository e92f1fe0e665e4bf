"""The study's configuration: one pydantic model per concern, schema and default made from them.

Each model is made when it is first used: making all of them takes longer than many commands.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwsynapse.study.crossbar import Crossbar as Crossbar
    from dwsynapse.study.devices.current import HeavyMetal as HeavyMetal
    from dwsynapse.study.devices.disorder import Disorder as Disorder
    from dwsynapse.study.devices.disorder import Grains as Grains
    from dwsynapse.study.devices.disorder import Roughness as Roughness
    from dwsynapse.study.devices.material import Material as Material
    from dwsynapse.study.devices.numerics import Numerics as Numerics
    from dwsynapse.study.devices.numerics import Sampling as Sampling
    from dwsynapse.study.devices.perpendicular_material import (
        PerpendicularMaterial as PerpendicularMaterial,
    )
    from dwsynapse.study.devices.protocol import Protocol as Protocol
    from dwsynapse.study.devices.pulses import Pulses as Pulses
    from dwsynapse.study.devices.pulses import Ramps as Ramps
    from dwsynapse.study.devices.pulses import SinglePulses as SinglePulses
    from dwsynapse.study.devices.read_pulse import ReadPulse as ReadPulse
    from dwsynapse.study.devices.sources import Device as Device
    from dwsynapse.study.devices.sources import MeasuredDevice as MeasuredDevice
    from dwsynapse.study.devices.sources import PublishedDevice as PublishedDevice
    from dwsynapse.study.devices.sources import SimulatedDevice as SimulatedDevice
    from dwsynapse.study.devices.track import Notches as Notches
    from dwsynapse.study.devices.track import Track as Track
    from dwsynapse.study.devices.track_device import TrackDevice as TrackDevice
    from dwsynapse.study.devices.track_device import TrackNumerics as TrackNumerics
    from dwsynapse.study.devices.wall import Wall as Wall
    from dwsynapse.study.devices.wire import Notch as Notch
    from dwsynapse.study.devices.wire import Wire as Wire
    from dwsynapse.study.fitting import Fitting as Fitting
    from dwsynapse.study.hardware import Hardware as Hardware
    from dwsynapse.study.network import Network as Network
    from dwsynapse.study.paper import Paper as Paper
    from dwsynapse.study.plan import Plan as Plan
    from dwsynapse.study.reading import read_block as read_block
    from dwsynapse.study.reading import read_study as read_study
    from dwsynapse.study.study import Study as Study
else:
    _FILES = {
        "Crossbar": "crossbar",
        "Device": "devices.sources",
        "Disorder": "devices.disorder",
        "Fitting": "fitting",
        "Grains": "devices.disorder",
        "Hardware": "hardware",
        "HeavyMetal": "devices.current",
        "Material": "devices.material",
        "MeasuredDevice": "devices.sources",
        "Network": "network",
        "Notch": "devices.wire",
        "Notches": "devices.track",
        "Numerics": "devices.numerics",
        "Paper": "paper",
        "PerpendicularMaterial": "devices.perpendicular_material",
        "Plan": "plan",
        "Protocol": "devices.protocol",
        "PublishedDevice": "devices.sources",
        "Pulses": "devices.pulses",
        "Ramps": "devices.pulses",
        "ReadPulse": "devices.read_pulse",
        "Roughness": "devices.disorder",
        "Sampling": "devices.numerics",
        "SimulatedDevice": "devices.sources",
        "SinglePulses": "devices.pulses",
        "Study": "study",
        "Track": "devices.track",
        "TrackDevice": "devices.track_device",
        "TrackNumerics": "devices.track_device",
        "Wall": "devices.wall",
        "Wire": "devices.wire",
        "read_block": "reading",
        "read_study": "reading",
    }

    def __getattr__(name: str) -> Any:
        if name not in _FILES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"dwsynapse.study.{_FILES[name]}"), name)
