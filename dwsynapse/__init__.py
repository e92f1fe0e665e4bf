"""From a notched magnetic wire to a verified network.

``import dwsynapse as dw`` gives what `dwsynapse.front_door` has, as ``dw.fit`` and so on; nothing
is loaded before it is used. All rooms share the packages below.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwsynapse.front_door import DeviceModel as DeviceModel
    from dwsynapse.front_door import Fitting as Fitting
    from dwsynapse.front_door import Hardware as Hardware
    from dwsynapse.front_door import Images as Images
    from dwsynapse.front_door import Network as Network
    from dwsynapse.front_door import SimulatedDevice as SimulatedDevice
    from dwsynapse.front_door import StochasticSynapses as StochasticSynapses
    from dwsynapse.front_door import VirtualBench as VirtualBench
    from dwsynapse.front_door import calculator as calculator
    from dwsynapse.front_door import count as count
    from dwsynapse.front_door import draw_accuracies as draw_accuracies
    from dwsynapse.front_door import draw_curve as draw_curve
    from dwsynapse.front_door import draw_verification as draw_verification
    from dwsynapse.front_door import evaluate as evaluate
    from dwsynapse.front_door import fit as fit
    from dwsynapse.front_door import images as images
    from dwsynapse.front_door import make_program as make_program
    from dwsynapse.front_door import publish as publish
    from dwsynapse.front_door import read_study as read_study
    from dwsynapse.front_door import simulate as simulate
    from dwsynapse.front_door import train as train
    from dwsynapse.front_door import verify as verify
else:
    # Written out: the front door itself is imported at its first use.
    __all__ = [
        "DeviceModel",
        "Fitting",
        "Hardware",
        "Images",
        "Network",
        "SimulatedDevice",
        "StochasticSynapses",
        "VirtualBench",
        "calculator",
        "count",
        "draw_accuracies",
        "draw_curve",
        "draw_verification",
        "evaluate",
        "fit",
        "images",
        "make_program",
        "publish",
        "read_study",
        "simulate",
        "train",
        "verify",
    ]

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from dwsynapse import front_door

        return getattr(front_door, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
