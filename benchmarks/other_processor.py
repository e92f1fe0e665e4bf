"""How much results change on another kind of processor: `python benchmarks/other_processor.py`.

Runs a small study twice on this machine: as it is, and with compiled kernels, numpy, BLAS and
PyTorch held to the instructions that every 64-bit x86 processor has (SSE2 to SSE4). Prints a table
of what differs, file by file. Each step is compared from the same inputs: networks are trained on
the published device, and a curve is fitted to shipped trials as well as to simulated ones.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from numpy._core._multiarray_umath import __cpu_dispatch__

from dwsynapse.provenance.differences import difference

ROOT = Path(__file__).parents[1]
OLDER = {
    "NUMBA_CPU_NAME": "generic",
    "NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__),
    "OPENBLAS_CORETYPE": "Nehalem",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "DNNL_MAX_CPU_ISA": "SSE41",
}
STUDY = {
    "devices": {
        "quick-wire": {
            "networks": False,
            "sampling": {"rounds": 1, "trials_per_round": 112, "batches_per_round": 1},
        },
    },
    "network": {"reads_train": [1, 8], "models": 1, "max_epochs": 5},
    "plan": {"reads_test": [1, 8], "spread_devices": 2},
    "hardware": {"reads_train": [1], "images": 200, "reads": 8, "compare_with": None},
}
FILES = (
    "quick-wire/wall.omf",
    "quick-wire/rounds/1/trials-1.csv",
    "quick-wire/counts.csv",
    "quick-wire/device.json",
    "ellis-wire/device.json",
    "images.npz",
    "ellis2023/network/model0.safetensors",
    "ellis2023/network/accuracy.json",
    "ellis2023/hardware/k1/program.csv",
    "ellis2023/hardware/k1/inference_log.parquet",
    "ellis2023/hardware/k1/verification.json",
)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folders = {name: Path(folder, name) for name in ("here", "older")}
        for name, where in folders.items():
            where.mkdir()
            (where / "study.yaml").write_text(yaml.safe_dump(STUDY))
            command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--cores", "2"]
            subprocess.run(
                [*command, "--configfile", "study.yaml", "--quiet", "all"],
                cwd=where,
                env=os.environ
                | (OLDER if name == "older" else {})
                | {
                    "PYTHONPATH": str(ROOT),
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                },
                check=True,
            )
        print("| file | values that differ | of | most at |\n|---|---|---|---|")
        for file in FILES:
            found = difference(*(where / "results" / file for where in folders.values()))
            print(f"| `{file}` | {found.n_different} | {found.n_values} | {found} |", flush=True)


if __name__ == "__main__":
    main()
