"""How often the verification of a programming log errs, and what defects it finds.

Virtual crossbars of known responses are programmed and verified; everything is synthetic. Prints
the tables of docs/crossbars.md.

    python benchmarks/hardware/crossbar_rates.py
"""

import argparse
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from scipy.stats import binomtest

from dwsynapse.io.progress_bars import progress_bar
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import Method
from hardware.crossbars.programming.virtual_crossbar import CrossbarFaults, VirtualCrossbar
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.verification.crossbar_verification import verify_crossbar
from hardware.crossbars.verification.response_pulses import ResponsePulses
from hardware.verification.verdict import INCONSISTENT
from tests.hardware.crossbars.small_crossbar import (
    RANGE_S,
    crossbar_program,
    from_pulses,
    manifest,
    response,
)

TOLERANCE, SIGNIFICANCE = 0.1, 0.05
STT = response(0.0357, 0.0056)
SKEWED = response(skewed=True)


@dataclass(frozen=True)
class Case:
    """A crossbar: its true response, how it is programmed and read, and what is known of it.

    Parameters
    ----------
    table
        The response by which walls move.
    levels, method
        Of the program.
    read_noise
        Standard deviation of a reading, as a share of the range.
    pulses
        Pulses of each bin and direction that the response was made of; None: it is known exactly.
    faults
        What is wrong.
    """

    table: ResponseTable = field(default_factory=response)
    levels: int | None = None
    method: Method = "closed"
    read_noise: float = 0.0
    pulses: int | None = None
    faults: CrossbarFaults = field(default_factory=CrossbarFaults)

    def verified(self, seed: int, n_devices: int) -> dict[str, Any]:
        """Return the verification of one programming log."""
        known, pulses = self.table, ResponsePulses()
        if self.pulses:
            known, pulses = from_pulses(self.table, self.pulses, seed)
        program = crossbar_program(
            known, n_devices, seed=seed, levels=self.levels, method=self.method
        )
        walls = Walls(self.table, self.levels)
        noise_S = self.read_noise * RANGE_S
        log, _ = VirtualCrossbar(walls, seed, noise_S, faults=self.faults).run(program)
        return verify_crossbar(
            program,
            known,
            log.sort_values(["device", "pulse"], kind="stable"),
            manifest(noise_S),
            pulses,
            tolerance=TOLERANCE,
            significance=SIGNIFICANCE,
            seed=seed,
        )


GOOD = {
    "step 4.6 %, spread 2.5 %": Case(),
    "open loop": Case(method="open"),
    "step 3.6 %, spread 0.6 %": Case(STT),
    "skewed steps": Case(SKEWED),
    "32 levels": Case(levels=32),
    "reading noise 0.5 %": Case(read_noise=0.005),
    "32 levels, reading noise 0.3 %": Case(levels=32, read_noise=0.003),
    "response of 30 pulses a bin": Case(pulses=30),
    "response of 30 pulses, reading noise 0.5 %": Case(pulses=30, read_noise=0.005),
    "response of 200 pulses a bin, skewed": Case(SKEWED, pulses=200),
}
DEFECTS = {
    "1 device in 100 stuck": Case(faults=CrossbarFaults(stuck=0.01)),
    "steps 10 % smaller": Case(faults=CrossbarFaults(step_scale=0.9)),
    "steps 5 % smaller": Case(faults=CrossbarFaults(step_scale=0.95)),
    "steps 10 % smaller, response of 30 pulses": Case(
        pulses=30, faults=CrossbarFaults(step_scale=0.9)
    ),
    "1 device in 100 wired the wrong way": Case(faults=CrossbarFaults(swapped=0.01)),
    "all directions swapped": Case(faults=CrossbarFaults(swapped=1.0)),
    "readings 1 % of the range too high, noise 0.5 %": Case(
        read_noise=0.005, faults=CrossbarFaults(read_offset_S=0.01 * RANGE_S)
    ),
    "walls relax by 1 % between pulses, noise 0.5 %": Case(
        read_noise=0.005, faults=CrossbarFaults(relaxation=0.01)
    ),
    "junctions spread by 12.8 % and 6.9 %": Case(faults=CrossbarFaults(rp_sd=0.128, tmr_sd=0.069)),
}


def print_rates(cases: dict[str, Case], n_logs: int, n_devices: int, seed: int) -> None:
    """Print how many logs of each case fail any test, after Holm's correction, and which."""
    print(f"\n| crossbar | any test fails at {SIGNIFICANCE:.0%} | 95 % interval | which |")
    print("|---|---|---|---|", flush=True)
    for name, case in cases.items():
        alarms, failed = 0, Counter[str]()
        for number in progress_bar(range(n_logs), desc=name):
            found = case.verified(seed * 100_000 + number, n_devices)
            alarms += found["verdict"]["alarm"]
            failed.update(t["test"] for t in found["tests"] if t["verdict"] == INCONSISTENT)
        low, high = binomtest(alarms, n_logs).proportion_ci(method="wilson")
        which = ", ".join(f"{test} {n / n_logs:.1%}" for test, n in failed.most_common(6))
        interval = f"{low:.1%} to {high:.1%}"
        print(f"| {name} | {alarms / n_logs:.1%} | {interval} | {which or '-'} |", flush=True)


def main() -> None:
    """Print the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logs", type=int, default=400, help="logs of each crossbar")
    parser.add_argument("--devices", type=int, default=400, help="devices of a crossbar")
    parser.add_argument("--seed", type=int, default=1, help="seed of the logs")
    options = parser.parse_args()
    print_rates(GOOD, options.logs, options.devices, options.seed)
    print_rates(DEFECTS, max(options.logs // 8, 1), options.devices, options.seed)


if __name__ == "__main__":
    main()
