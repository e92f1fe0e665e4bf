"""From a notched magnetic wire to a verified network: a table of contents.

Targets: the stages simulate, fit, train, verify and summary, every device by its name, a stage of a
device as in fit-quick-wire, and any file by its path. The default is everything but the targets paper
and paper-<device>, which make the network results of Ellis et al. 2023, and paper-liu2021, tracks.
"""

import functools
import os
import re
import shlex
import signal
import sys
from pathlib import Path

from dwsynapse import learning_rules
from dwsynapse.drives import FIELD, drive_of
from dwsynapse.study.devices.read_pulse import require_read_pulse
from dwsynapse.study.devices.sources import ELSEWHERE
from dwsynapse.study.devices.track_device import ELSEWHERE_OF_TRACK, TrackDevice
from dwsynapse.study.reading import block_text, over_defaults, read_keys, read_study
from dwsynapse.study.devices.numerics import FIRST_ROUND, LATER_ROUNDS
from fitting.counts.laboratory_tables import read_counts
from fitting.settings_of_drive import settings_of_drive
from hardware.kerr_loops.reading.loop_files import loop_files
from micromag.calibration.target import read_target
from dwsynapse.study.runs.made_again import made_again
from dwsynapse.study.runs.running import Run, require_accounting
from dwsynapse.study.runs.signal_threads import handle_in_thread
from dwsynapse.study.runs.simulated_again import simulated_again
from dwsynapse.study.runs.simulation_jobs import job_minutes, jobs_line, trial_s
from dwsynapse.study.runs.track_jobs import pulses_minutes
from dwsynapse.io.detection_errors import DetectionErrors
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import require_file
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.records import checksum, record_of, record_of_text
from dwsynapse.io.signals import HEAD_VARIABLE
from dwsynapse.study.given_files import no_device_or_file
from dwsynapse.study.project_files import require_no_hidden_package, shipped_folder

if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
    # A terminal that is closed ends a run as SIGTERM does, which leaves no lock behind.
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))

# Commands end when this process was killed.
os.environ[HEAD_VARIABLE] = str(os.getpid())

try:
    require_no_hidden_package(Path.cwd())
    given_studies = workflow.config_settings.configfiles
    # Snakemake silently takes the last of two devices of one name.
    for path in given_studies:
        read_keys(path)
    # No configfile directive brings the defaults: it would look for config/default.yaml in the folder
    # that Snakemake is called in, and do nothing in a module.
    STUDY = read_study(over_defaults(config), ["config", *given_studies][-1])
    for path in (Path(STUDY.results), *Path(STUDY.results).parents):
        if path.is_file():
            remedy = "choose another for results in the study"
            raise InputError("is a file, not a folder", path=path, remedy=remedy)
    # A user's own tables are checked before anything runs, and that there are loops.
    # Tracks whose pulses make no passing curve have no drive.
    DRIVE_OF = dict.fromkeys(STUDY.devices, FIELD)
    for name, device in STUDY.devices.items():
        if device.source == "simulation" and device.shipped:
            require_file(
                Path(shipped_folder(device.shipped))
                / ("pulses.csv" if isinstance(device, TrackDevice) else "trials.csv"),
                remedy="correct shipped in the study, or set it to null to simulate the trials",
            )
        if isinstance(device, TrackDevice):
            DRIVE_OF[name] = device.drive
            if device.drive:
                settings_of_drive(device.drive, STUDY.fitting_of(name))
        for given in device.logs.values():
            require_file(given.log, remedy="correct logs in the study")
            require_file(
                given.manifest, remedy="make it by `python -m hardware manifest`"
            )
        if given := getattr(device, "programming_log", None):
            for path in (given.log, given.manifest):
                require_file(path, remedy="correct programming_log in the study")
        if device.source == "measurement":
            if device.counts:
                DRIVE_OF[name] = drive_of(read_counts(device.counts, device.columns))
                require_read_pulse(name, DRIVE_OF[name], device.read_pulse)
                settings_of_drive(DRIVE_OF[name], STUDY.fitting_of(name))
            else:
                loop_files(Path(device.loops))
            if device.calibration:
                loop_files(Path(device.calibration))
            if device.detection_errors:
                DetectionErrors.read(device.detection_errors)
    for name, device in STUDY.devices.items():
        if calibration := getattr(device, "calibrate", None):
            target = STUDY.devices.get(calibration.target)
            table = getattr(target, "counts", None) if target else calibration.target
            if target is None and not Path(table).is_file():
                key = f"devices.{name}.calibrate.target"
                raise no_device_or_file(
                    table, STUDY, ["config", *given_studies][-1], key
                )
            if table:
                read_target(Path(table))
            if calibration.shipped:
                require_file(
                    Path(shipped_folder(calibration.shipped)) / "calibration.json",
                    remedy="correct calibrate.shipped, or set it to null to calibrate here",
                )
except InputError as error:
    sys.exit(f"error: {error}")
# Snakemake takes results/ and ./results for other folders than results.
RESULTS = str(Path(STUDY.results))
DEVICES = list(STUDY.devices)
TRACKS = [name for name in DEVICES if isinstance(STUDY.devices[name], TrackDevice)]
TRACKS_WITH_CURVE = [name for name in TRACKS if DRIVE_OF[name]]
if workflow.is_main_process:
    # Snakemake itself does not know whether the run lives that left a lock.
    RUN = Run(Path.cwd())
    RUN.unlock(RESULTS)
    RUN.tidy(Path(RESULTS))


report: "workflow/captions/workflow.rst"


wildcard_constraints:
    device="|".join(map(re.escape, DEVICES)),


# What takes seconds, or needs the network, runs where Snakemake runs.
localrules:
    all,
    config_block,
    first_plan,
    shipped_trials,
    count_round,
    next_round,
    count,
    count_pulses,
    publish,
    images,
    grey_images,
    program,
    paper_program,
    compare,
    summary,


rule all:
    input:
        f"{RESULTS}/summary.json",
        f"{RESULTS}/summary.html",
        f"{RESULTS}/speed.json",
        lambda wildcards: all_files(),


include: "workflow/common.smk"
include: "workflow/blocks.smk"
include: "micromag/rules.smk"
include: "fitting/rules.smk"
include: "network/rules.smk"
include: "network/crossbar/rules.smk"
include: "hardware/rules.smk"
include: "hardware/crossbars/rules.smk"
include: "studies/ellis2023/rules.smk"
include: "studies/liu2021/rules.smk"
include: "workflow/rules.smk"
include: "workflow/code.smk"
include: "workflow/start.smk"
