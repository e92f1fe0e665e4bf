"""The study's configuration: one pydantic model per concern, schema and default made from them.

Each model is made when it is asked for: to make all of them takes longer than many a command.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.devices import Device as Device
    from config.devices import MeasuredDevice as MeasuredDevice
    from config.devices import PublishedDevice as PublishedDevice
    from config.devices import SimulatedDevice as SimulatedDevice
    from config.disorder import Disorder as Disorder
    from config.disorder import Grains as Grains
    from config.disorder import Roughness as Roughness
    from config.files import read_block as read_block
    from config.files import read_study as read_study
    from config.fitting import Fitting as Fitting
    from config.hardware import Hardware as Hardware
    from config.material import Material as Material
    from config.network import Network as Network
    from config.numerics import Numerics as Numerics
    from config.numerics import Sampling as Sampling
    from config.paper import Paper as Paper
    from config.plan import Plan as Plan
    from config.protocol import Protocol as Protocol
    from config.study import Study as Study
    from config.wall import Wall as Wall
    from config.wire import Notch as Notch
    from config.wire import Wire as Wire
else:
    _FILES = {
        "Device": "devices",
        "Disorder": "disorder",
        "Fitting": "fitting",
        "Grains": "disorder",
        "Hardware": "hardware",
        "Material": "material",
        "MeasuredDevice": "devices",
        "Network": "network",
        "Notch": "wire",
        "Numerics": "numerics",
        "Paper": "paper",
        "Plan": "plan",
        "Protocol": "protocol",
        "PublishedDevice": "devices",
        "Roughness": "disorder",
        "Sampling": "numerics",
        "SimulatedDevice": "devices",
        "Study": "study",
        "Wall": "wall",
        "Wire": "wire",
        "read_block": "files",
        "read_study": "files",
    }

    def __getattr__(name: str) -> Any:
        if name not in _FILES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"config.{_FILES[name]}"), name)
