"""How fast a thousand curves are averaged over jitter: on a common grid against node by node.

Prints a table of docs/fitting.md: the ratio of processor times, run in turn, and the greatest
difference of the probabilities.

    python benchmarks/fitting/jitter_speed.py
"""

import time

import numpy as np

from fitting.forms import FORMS
from fitting.inference import field_jitter
from fitting.inference.field_jitter import averaging

ROWS, CURVES, TIMES = 200, 1000, 5


def main() -> None:
    """Print a row for each form."""
    rng = np.random.default_rng(1)
    fields_mT, sd_mT = rng.uniform(2.0, 8.0, ROWS), rng.uniform(0.05, 0.2, ROWS)
    centres_mT = rng.normal(4.63, 0.05, (CURVES, 1))
    steepness_per_mT = rng.normal(2.73, 0.15, (CURVES, 1))
    print("| form | grid against nodes | greatest difference |")
    print("|---|---|---|")
    for form in FORMS:
        curves = FORMS[form].typical().placed(centres_mT, steepness_per_mT)
        by_grid = averaging(curves, fields_mT, sd_mT)
        points, field_jitter.MAX_POINTS_PER_ROW = field_jitter.MAX_POINTS_PER_ROW, 0
        by_nodes = averaging(curves, fields_mT, sd_mT)
        field_jitter.MAX_POINTS_PER_ROW = points
        spent_s = np.zeros(2)
        for _ in range(TIMES):
            found = []
            for i, average in enumerate((by_grid, by_nodes)):
                start = time.process_time()
                found.append(average(curves, 0.0))
                spent_s[i] += time.process_time() - start
        ratio, difference = spent_s[1] / spent_s[0], abs(found[0] - found[1]).max()
        print(f"| {form} | {ratio:.1f} times faster | {difference:.0e} |")


if __name__ == "__main__":
    main()
