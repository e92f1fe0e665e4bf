"""The study's configuration: one pydantic model per concern, schema and default made from them."""

from config.devices import Device, MeasuredDevice, PublishedDevice, SimulatedDevice
from config.disorder import Disorder, Grains, Roughness
from config.files import read_block, read_study
from config.fitting import Fitting
from config.hardware import Hardware
from config.material import Material
from config.network import Network
from config.numerics import Numerics, Sampling
from config.paper import Paper
from config.plan import Plan
from config.protocol import Protocol
from config.study import Study
from config.wall import Wall
from config.wire import Notch, Wire

__all__ = [
    "Device",
    "Disorder",
    "Fitting",
    "Grains",
    "Hardware",
    "Material",
    "MeasuredDevice",
    "Network",
    "Notch",
    "Numerics",
    "Paper",
    "Plan",
    "Protocol",
    "PublishedDevice",
    "Roughness",
    "Sampling",
    "SimulatedDevice",
    "Study",
    "Wall",
    "Wire",
    "read_block",
    "read_study",
]
