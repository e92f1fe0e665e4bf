"""From a notched magnetic wire to a verified network.

``import dwsynapse as dw`` gives the functions of `dwsynapse.front_door` and the classes that they
take, as ``dw.fit`` and so on; nothing is loaded before it is used. All rooms share the packages
below.
"""

# Commands import this before they handle signals: typing would take longer than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from dwsynapse.front_door.crossbars import grey_images as grey_images
    from dwsynapse.front_door.crossbars import train_crossbar as train_crossbar
    from dwsynapse.front_door.fitting import count as count
    from dwsynapse.front_door.fitting import draw_curve as draw_curve
    from dwsynapse.front_door.fitting import fit as fit
    from dwsynapse.front_door.fitting import publish as publish
    from dwsynapse.front_door.hardware import draw_verification as draw_verification
    from dwsynapse.front_door.hardware import make_program as make_program
    from dwsynapse.front_door.hardware import recalibrate as recalibrate
    from dwsynapse.front_door.hardware import verify as verify
    from dwsynapse.front_door.measurements import compare as compare
    from dwsynapse.front_door.measurements import loops as loops
    from dwsynapse.front_door.networks import draw_accuracies as draw_accuracies
    from dwsynapse.front_door.networks import evaluate as evaluate
    from dwsynapse.front_door.networks import images as images
    from dwsynapse.front_door.networks import train as train
    from dwsynapse.front_door.responses import draw_ramp as draw_ramp
    from dwsynapse.front_door.responses import draw_response as draw_response
    from dwsynapse.front_door.responses import response as response
    from dwsynapse.front_door.simulation import simulate as simulate
    from dwsynapse.front_door.studies import read_study as read_study
    from dwsynapse.io.errors import InputError as InputError
    from dwsynapse.io.track_geometry import TrackGeometry as TrackGeometry
    from dwsynapse.study import Crossbar as Crossbar
    from dwsynapse.study import Fitting as Fitting
    from dwsynapse.study import Hardware as Hardware
    from dwsynapse.study import Network as Network
    from dwsynapse.study import SimulatedDevice as SimulatedDevice
    from fitting.device import DeviceModel as DeviceModel
    from fitting.response.junction import Junction as Junction
    from fitting.response.response_table import ResponseTable as ResponseTable
    from hardware.instruments.virtual_laboratory import VirtualBench as VirtualBench
    from micromag import calculator as calculator
    from network.images.grey_images import GreyImages as GreyImages
    from network.images.prepared_images import Images as Images
    from network.synapses.layer import StochasticSynapses as StochasticSynapses
else:
    # For Python what stands above for type checkers: where each is imported from at its first use.
    _FROM = {
        "Crossbar": "dwsynapse.study",
        "DeviceModel": "fitting.device",
        "Fitting": "dwsynapse.study",
        "GreyImages": "network.images.grey_images",
        "Hardware": "dwsynapse.study",
        "Images": "network.images.prepared_images",
        "InputError": "dwsynapse.io.errors",
        "Junction": "fitting.response.junction",
        "Network": "dwsynapse.study",
        "ResponseTable": "fitting.response.response_table",
        "SimulatedDevice": "dwsynapse.study",
        "StochasticSynapses": "network.synapses.layer",
        "TrackGeometry": "dwsynapse.io.track_geometry",
        "VirtualBench": "hardware.instruments.virtual_laboratory",
        "calculator": "micromag.calculator",
        "compare": "dwsynapse.front_door.measurements",
        "count": "dwsynapse.front_door.fitting",
        "draw_accuracies": "dwsynapse.front_door.networks",
        "draw_curve": "dwsynapse.front_door.fitting",
        "draw_ramp": "dwsynapse.front_door.responses",
        "draw_response": "dwsynapse.front_door.responses",
        "draw_verification": "dwsynapse.front_door.hardware",
        "evaluate": "dwsynapse.front_door.networks",
        "fit": "dwsynapse.front_door.fitting",
        "grey_images": "dwsynapse.front_door.crossbars",
        "images": "dwsynapse.front_door.networks",
        "loops": "dwsynapse.front_door.measurements",
        "make_program": "dwsynapse.front_door.hardware",
        "publish": "dwsynapse.front_door.fitting",
        "read_study": "dwsynapse.front_door.studies",
        "recalibrate": "dwsynapse.front_door.hardware",
        "response": "dwsynapse.front_door.responses",
        "simulate": "dwsynapse.front_door.simulation",
        "train_crossbar": "dwsynapse.front_door.crossbars",
        "train": "dwsynapse.front_door.networks",
        "verify": "dwsynapse.front_door.hardware",
    }
    __all__ = sorted(_FROM)

    def __getattr__(name: str) -> object:
        if name not in _FROM:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module = import_module(_FROM[name])
        return module if name == "calculator" else getattr(module, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *_FROM})
