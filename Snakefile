"""From a notched magnetic wire to a verified network: a table of contents.

Targets: the stages simulate, fit, train, verify and summary, every device by its name, a stage of a
device as in fit-quick-wire, and any file by its path. The default is everything.
"""

import os
import re
import sys

from config.files import read_study, write_block
from workflow.contracts import COUNTS
from workflow.errors import InputError


configfile: "config/default.yaml"


try:
    STUDY = read_study(config, "config")
    # A user's own tables are checked before anything runs.
    for device in STUDY.devices.values():
        if device.source == "measurement":
            COUNTS.read(device.counts)
except InputError as error:
    sys.exit(f"error: {error}")
RESULTS = STUDY.results
DEVICES = list(STUDY.devices)

# Each stage reads only its own block: changing one block redoes that stage and what follows.
for name, device in STUDY.devices.items():
    write_block(f"{RESULTS}/{name}/config/device.yaml", device)
for name in ("fitting", "network", "hardware"):
    write_block(f"{RESULTS}/config/{name}.yaml", getattr(STUDY, name))


report: "docs/captions/workflow.rst"


wildcard_constraints:
    device="|".join(map(re.escape, DEVICES)),


rule all:
    input:
        f"{RESULTS}/summary.json",
        f"{RESULTS}/summary.html",


include: "workflow/common.smk"
include: "micromag/rules.smk"
include: "fitting/rules.smk"
include: "network/rules.smk"
include: "hardware/rules.smk"
include: "workflow/rules.smk"
