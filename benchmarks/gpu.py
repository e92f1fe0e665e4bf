"""The quick wire on a GPU against the processor's cores, side by side.

Run with ``python benchmarks/gpu.py`` where there is a CUDA device; one line of JSON for each
setting, the last one with the ratio of the speeds (GPU over processor; above 1 means that the GPU
is faster). ``--threads`` is the number of cores to use (2).
"""

import argparse
import json

from dwsynapse.io.errors import run_command
from dwsynapse.study import Numerics, SimulatedDevice
from micromag.engine_speed import measure
from micromag.trials.lockstep.scheduler import backend_of

FIELD_MT = 7.5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1024, 4096])
    options = parser.parse_args()
    backend_of(Numerics(device="cuda"))  # says so if there is none, before minutes have passed
    speeds: dict[str, float] = {}
    for device, replicas in (("cpu", 64), *(("cuda", n) for n in options.replicas)):
        wire = SimulatedDevice(numerics=Numerics(device=device))
        line = measure(wire, replicas=replicas, threads=options.threads, field_mT=FIELD_MT)
        print(json.dumps(line), flush=True)
        speeds[device] = max(speeds.get(device, 0.0), line["ns_per_s"])
    print(json.dumps({"ratio": speeds["cuda"] / speeds["cpu"]}))


if __name__ == "__main__":
    run_command(main)
