"""Which files belong to a device and a stage, for the rules of all rooms."""

STAGES = ("simulate", "fit", "train", "verify")

# Shows what a command writes to stderr and keeps it in a log. Ctrl-C goes to all of a terminal's
# processes: without the trap it would end tee first, and a command that writes to it would wait.
shell.prefix("logged() ( trap '' INT TERM HUP; exec tee \"$@\" >&2 ); ")


def device_pattern(*sources, chosen=lambda device: True):
    """Return a pattern of the names of the chosen devices from the given sources, or of no name.

    Tracks are not among them: they are made of pulses.
    """
    return pattern_of(
        name
        for name, device in STUDY.devices.items()
        if device.source in sources and name not in TRACKS and chosen(device)
    )


def track_pattern(shipped):
    """Return a pattern of the tracks whose pulses are shipped, or are simulated here."""
    return pattern_of(
        name for name in TRACKS if bool(STUDY.devices[name].shipped) == shipped
    )


def pattern_of(names):
    """Return a pattern of these names, or of no name."""
    return "|".join(map(re.escape, names)) or "(?!)"


def curve_pattern():
    """Return a pattern of the devices whose counts are fitted."""
    return "|".join(
        (device_pattern("simulation", "measurement"), pattern_of(TRACKS_WITH_CURVE))
    )


def track_minutes(wildcards, attempt):
    """Return the time limit of the job that simulates a track's pulses."""
    return attempt * pulses_minutes(STUDY.devices[wildcards.device])


def of_track(name):
    """Return what pulses make of a track besides a passing curve, by stage.

    Pulses of several currents, or in one direction, make no response.
    """
    folder = f"{RESULTS}/{name}"
    figures = [
        f"{folder}/{figure}.svg" for figure in ("ramp", "response", "displacement")
    ]
    learned = [
        f"{folder}/crossbar/crossbar-{file}"
        for file in ("accuracy.json", "accuracy.svg", "confusion.svg", "plan.json")
    ]
    tested = [f"{folder}/crossbar/hardware/crossbar_verification.json"]
    return {
        "train": learned if STUDY.devices[name].has_crossbar else [],
        "verify": tested if STUDY.devices[name].has_crossbar else [],
        "simulate": [
            f"{folder}/{file}" for file in ("track.svg", "track.json", "pulses.csv")
        ],
        "fit": (
            [f"{folder}/response.npz", f"{folder}/response.json", *figures]
            if STUDY.devices[name].makes_response
            else []
        ),
    }


def crossbar_files(name):
    """Return the trained crossbars of a track, and what is made of them besides numbers."""
    if not STUDY.devices[name].has_crossbar:
        return []
    models = expand(
        f"{RESULTS}/{name}/crossbar/model{{model}}.{{kind}}",
        model=range(STUDY.crossbar.models),
        kind=("json", "safetensors"),
    )
    folder = f"{RESULTS}/{name}/crossbar"
    made = ["crossbar_program.csv", "crossbar_program.json"]
    made += [f"crossbar_verification.{kind}" for kind in ("svg", "html")]
    if not STUDY.devices[name].programming_log:
        made += ["programming_log.parquet", "final_conductances.csv", "manifest.json"]
    return [
        *models,
        f"{folder}/crossbar-plan.html",
        *(f"{folder}/hardware/{file}" for file in made),
    ]


def crossbar_pattern():
    """Return a pattern of the tracks that networks learn on."""
    return pattern_of(name for name in TRACKS if STUDY.devices[name].has_crossbar)


def trained_crossbars(kind):
    """Return the files of one kind of all trained crossbars of a device."""
    return expand(
        f"{RESULTS}/{{{{device}}}}/crossbar/model{{model}}.{kind}",
        model=range(STUDY.crossbar.models),
    )


def crossbar_pulse_options(wildcards):
    """Return the options for the pulses and the reads of a track's crossbar."""
    track = STUDY.devices[wildcards.device]
    sizes = {
        "pulse-resistance-ohm": track.resistance_ohm,
        "pulse-current-uA": track.pulses.current_uA[0],
        "pulse-duration-ns": max(track.pulses.duration_ns),
        "read-voltage-mV": track.junction.read_voltage_mV,
        "read-duration-ns": track.junction.read_duration_ns,
    }
    return " ".join(f"--{name} {size}" for name, size in sizes.items())


def programming_options(*names):
    """Return options of the command that programs a crossbar."""
    settings = {name: getattr(STUDY.hardware.crossbars, name) for name in names}
    return " ".join(
        f"--{name.replace('_', '-')} {value}"
        for name, value in settings.items()
        if value is not None
    )


def programming_log_of(wildcards):
    """Return the log of a crossbar's programming: the laboratory's own, or the virtual one's."""
    folder = f"{RESULTS}/{wildcards.device}/crossbar/hardware"
    return log_and_manifest(
        STUDY.devices[wildcards.device].programming_log,
        f"{folder}/programming_log.parquet",
        f"{folder}/manifest.json",
    )


def given_checksums(*files):
    """Return the checksums of a user's own files, a parameter of the rule that reads them.

    Snakemake goes by times: an older table in the place of another (moved, unpacked) has the results
    of the other one. Files of the study's results are left out.
    """
    given = [file for file in files if not Path(file).is_relative_to(RESULTS)]
    return " ".join(checksum(file) for file in given if Path(file).is_file())


def log_and_manifest(measured, log, manifest):
    """Return the measured log and its manifest where there are, else the virtual laboratory's."""
    if measured:
        return {"log": measured.log, "manifest": measured.manifest}
    return {"log": log, "manifest": manifest}


def simulated_pattern(shipped):
    """Return a pattern of the devices whose trials are shipped, or are simulated here."""
    return device_pattern(
        "simulation", chosen=lambda device: bool(device.shipped) == shipped
    )


def drawn_pattern():
    """Return a pattern of the devices whose walls are released at distances that are drawn."""
    return device_pattern(
        "simulation", chosen=lambda device: drawn_distances(device) is not None
    )


def drawn_distances(device):
    """Return the range of the distances of release of a device, None where all are one."""
    distance = device.protocol.release_distance_nm
    return distance if isinstance(distance, tuple) else None


def first_fields(name):
    """Return the fields of the first round, as an option has them."""
    return ",".join(map(field_text, STUDY.devices[name].sampling.first_fields_mT))


def release_files(name):
    """Return what is known of where the walls of a simulated device are released."""
    drawn = re.fullmatch(drawn_pattern(), name)
    names = ["period.jsonl", *(["distances.svg"] if drawn else [])]
    return [f"{RESULTS}/{name}/release/{file}" for file in names]


def trials_of_round(name, number):
    """Return the tables of trials of a round of a simulated device."""
    batches = range(1, STUDY.devices[name].sampling.batches_per_round + 1)
    return [f"{RESULTS}/{name}/rounds/{number}/trials-{batch}.csv" for batch in batches]


def trials_up_to(name, last_round):
    """Return the tables of trials of a simulated device, up to a round."""
    if STUDY.devices[name].shipped:
        return [f"{RESULTS}/{name}/shipped/trials.csv"]
    rounds = range(1, last_round + 1)
    return [table for number in rounds for table in trials_of_round(name, number)]


def counts_of_round_before(wildcards):
    """Return the counts of all trials before a round, none for the first."""
    number = int(wildcards.round) - 1
    return (
        [f"{RESULTS}/{wildcards.device}/rounds/{number}/counts.csv"] if number else []
    )


@functools.cache
def one_trial_s(name):
    """Return how long a trial of a simulated device takes, as far as it is known when this starts."""
    return trial_s(
        STUDY.devices[name], Path(RESULTS, name).glob("rounds/*/trials-*.csv")
    )


def trials_minutes(wildcards, attempt):
    """Return the time limit of a job of trials."""
    device = STUDY.devices[wildcards.device]
    return attempt * job_minutes(device, one_trial_s(wildcards.device))


def shipped_files(name):
    """Return the files of a device whose trials are shipped."""
    return expand(
        f"{shipped_folder(STUDY.devices[name].shipped)}/{{file}}",
        file=("device.yaml", "trials.csv", "wall.json", "wire.svg"),
    )


def shipped_pulse_files(name):
    """Return the files of a track whose pulses are shipped."""
    return expand(
        f"{shipped_folder(STUDY.devices[name].shipped)}/{{file}}",
        file=("device.yaml", "pulses.csv", "track.json", "track.svg"),
    )


BARRIER_MINUTES = 240
# Beyond the replicas of any round of trials, whose noise that of the walls that are followed is not.
FIRST_SURVIVOR = 1_000_000


def laboratory_pattern():
    """Return a pattern of the devices whose curve is predicted for a laboratory's time."""
    return device_pattern(
        "simulation", chosen=lambda device: bool(device.laboratory_dwell)
    )


def field_text(field_mT):
    """Return a field as it is in the names of files."""
    return f"{field_mT:.10f}".rstrip("0").rstrip(".")


def tables_at_fields(name, basis, fields_mT, kind="csv"):
    """Return the files of barriers or survival times at fields."""
    folder = f"{RESULTS}/{name}/laboratory"
    return [f"{folder}/{basis}-{field_text(field_mT)}.{kind}" for field_mT in fields_mT]


def laboratory_tables(wildcards):
    """Return the tables that a curve at a laboratory's time is predicted from."""
    if wildcards.basis == "depinning":
        return depinning_files(wildcards.device)[:1]
    laboratory = STUDY.devices[wildcards.device].laboratory_dwell
    fields_mT = laboratory.fields_mT[wildcards.basis]
    return tables_at_fields(wildcards.device, wildcards.basis, fields_mT)


def laboratory_files(name):
    """Return what is predicted of a device for a laboratory's time, and from what."""
    laboratory = getattr(STUDY.devices[name], "laboratory_dwell", None)
    files = []
    for basis in bases_of(laboratory):
        if basis == "depinning":
            files += depinning_files(name)
        else:
            for kind in ("csv", "svg") if basis == "barriers" else ("csv",):
                fields_mT = laboratory.fields_mT[basis]
                files += tables_at_fields(name, basis, fields_mT, kind)
        files += [
            f"{RESULTS}/{name}/laboratory/{basis}/prediction.{kind}"
            for kind in ("json", "csv", "svg")
        ]
    return files


def bases_of(laboratory):
    """Return what a curve at a laboratory's time is predicted from: barriers, depinning, survival."""
    if not laboratory:
        return []
    followed = [] if laboratory.depinning_from_mT is None else ["depinning"]
    return [*laboratory.fields_mT, *followed]


def depinning_files(name):
    """Return the table and the figure of a wall that was followed to static depinning."""
    return expand(
        f"{RESULTS}/{name}/laboratory/depinning.{{kind}}", kind=("csv", "svg")
    )


def beyond_option(wildcards):
    """Return the option that says where paths over barriers end."""
    beyond_nm = STUDY.devices[wildcards.device].laboratory_dwell.beyond_nm
    return "" if beyond_nm is None else f"--beyond-nm {beyond_nm}"


def critical_option(wildcards):
    """Return the option that says where static depinning is, which survival times do not."""
    critical_mT = STUDY.devices[wildcards.device].laboratory_dwell.critical_mT
    known = wildcards.basis == "survival" and critical_mT
    return f"--critical-mT {':'.join(map(field_text, critical_mT))}" if known else ""


def settle_option(wildcards):
    """Return the option that says when the clock of a wall starts."""
    settle_ns = STUDY.devices[wildcards.device].laboratory_dwell.settle_ns
    return "" if settle_ns is None else f"--settle-ns {settle_ns}"


def first_survivor(wildcards):
    """Return the first replica of the walls that are followed at a field."""
    laboratory = STUDY.devices[wildcards.device].laboratory_dwell
    fields = list(map(field_text, laboratory.survival_fields_mT))
    return FIRST_SURVIVOR + fields.index(wildcards.field) * laboratory.walls


def survival_minutes(wildcards, attempt):
    """Return the time limit of a job that follows walls, as long as trials of their window."""
    device = STUDY.devices[wildcards.device]
    windows = device.laboratory_dwell.window_ns / device.protocol.window_ns
    taken_s = device.laboratory_dwell.walls * windows * one_trial_s(wildcards.device)
    return attempt * (20 + round(8 * taken_s / 60))


# Wires and fields of `micromag sensitivity` at most, if none are named.
SENSITIVITY_WIRES, SENSITIVITY_FIELDS = 36, 4


def sensitivity_inputs(wildcards):
    """Return what it is found from on what a curve depends: counts where they say at which fields."""
    folder = f"{RESULTS}/{wildcards.device}"
    config = {"config": f"{folder}/config/device.yaml"}
    if STUDY.devices[wildcards.device].sensitivity.fields_mT:
        return config
    return {**config, "counts": f"{folder}/counts.csv"}


def sensitivity_options(wildcards):
    """Return the options that say which wires are compared, and at which fields."""
    sensitivity = STUDY.devices[wildcards.device].sensitivity
    fields = ",".join(map(field_text, sensitivity.fields_mT))
    counts = shlex.quote(f"{RESULTS}/{wildcards.device}/counts.csv")
    at = f"--field-mT {fields}" if fields else f"--counts {counts}"
    return " ".join([at, repeated("--vary", sensitivity.vary)]).strip()


def sensitivity_minutes(wildcards, attempt, threads):
    """Return the time limit of the job that finds what a curve depends on."""
    sensitivity = STUDY.devices[wildcards.device].sensitivity
    values = sum(word.count(",") + 1 for word in sensitivity.vary)
    n_wires = values + 2 if values else SENSITIVITY_WIRES
    n_fields = len(sensitivity.fields_mT) or SENSITIVITY_FIELDS
    n_trials = n_wires * n_fields * sensitivity.replicas
    return attempt * (
        20 + round(4 * n_trials * one_trial_s(wildcards.device) / threads / 60)
    )


def calibrated_pattern(shipped=(False, True)):
    """Return a pattern of the devices that are calibrated to measured counts, here or before."""
    return device_pattern(
        "simulation",
        chosen=lambda device: device.calibrate
        and bool(device.calibrate.shipped) in shipped,
    )


def designed_pattern():
    """Return a pattern of the calibrated devices whose spread of fabrication is known."""
    return device_pattern(
        "simulation",
        chosen=lambda device: device.calibrate and device.calibrate.spread,
    )


def made_calibration(wildcards):
    """Return the calibration of a wire: one that is shipped, or made here."""
    shipped = STUDY.devices[wildcards.device].calibrate.shipped
    folder = (
        shipped_folder(shipped)
        if shipped
        else f"{RESULTS}/{wildcards.device}/calibration"
    )
    return f"{folder}/calibration.json"


def calibrated_wire(wildcards):
    """Return the fitted curve of the calibrated wire, if it is a device of the study."""
    wire = STUDY.devices[wildcards.device].calibrate.wire
    return [f"{RESULTS}/{wire}/device.json"] if wire else []


def calibration_target(wildcards):
    """Return the counts or the curve that a calibrated wire is to explain."""
    target = STUDY.devices[wildcards.device].calibrate.target
    if target not in STUDY.devices:
        return target
    if STUDY.devices[target].source == "published":
        return f"{RESULTS}/{target}/device.json"
    return counts_of(target)


def calibration_options(wildcards):
    """Return the options that say what varies, and how much is simulated."""
    settings = STUDY.devices[wildcards.device].calibrate
    return (
        f"{repeated('--vary', settings.vary)} {repeated('--spread', settings.spread)} "
        f"--max-trials {settings.max_trials} --trials-per-wire {settings.trials_per_wire} "
        f"--discrepancy {settings.discrepancy}"
    )


def agreement_options(wildcards):
    """Return the options that say which curves agree with the target's."""
    settings = STUDY.devices[wildcards.device].calibrate
    return f"--within-mT {settings.within_mT} --within-share {settings.within_share}"


def levels_files(kind):
    """Return the files of one kind on calibrated wires, beside their targets.

    Calibrations are made on request: these are of those that were made before, or that are there.
    """
    files = {
        name: f"{RESULTS}/{name}/calibration/levels.{kind}"
        for name in DEVICES
        if re.fullmatch(calibrated_pattern(), name)
    }
    return [
        file
        for name, file in files.items()
        if STUDY.devices[name].calibrate.shipped or Path(file).is_file()
    ]


def predictions_of(name, kind):
    """Return the files of one kind that predict a device's curve for a laboratory's time."""
    return [
        file
        for file in laboratory_files(name)
        if Path(file).name == f"prediction.{kind}"
    ]


def calibration_minutes(wildcards, attempt, threads):
    """Return the time limit of the job that calibrates a wire; what it simulated is kept."""
    trials = STUDY.devices[wildcards.device].calibrate.max_trials
    taken_s = trials * one_trial_s(wildcards.device) / threads
    return attempt * (60 + round(4 * taken_s / 60))


def is_summarised(file):
    """Return whether the summary takes numbers from a file of a stage."""
    return file.endswith(".json") and not file.endswith("track.json")


def all_trials(wildcards):
    """Return every table of trials of a simulated device."""
    return trials_up_to(
        wildcards.device, STUDY.devices[wildcards.device].sampling.rounds
    )


def counts_table(wildcards):
    """Return the table a curve is fitted to."""
    return counts_of(wildcards.device)


def counts_of(name):
    """Return the counts of a device: the user's own table, or counts of trials or loops."""
    own = getattr(STUDY.devices[name], "counts", None)
    return own or f"{RESULTS}/{name}/counts.csv"


def detection_options(wildcards):
    """Return the options that say how the outcomes of loops are decided."""
    settings = STUDY.devices[wildcards.device].detection.model_dump()
    return " ".join(
        f"--{name.replace('_', '-')} {value}" for name, value in settings.items()
    )


def loops_of(wildcards):
    """Return the loops of a measured device."""
    return loop_files(Path(STUDY.devices[wildcards.device].loops))


def known_loops(wildcards):
    """Return the loops with a known outcome of a measured device, if it has any."""
    folder = STUDY.devices[wildcards.device].calibration
    return loop_files(Path(folder)) if folder else []


def calibration_option(wildcards):
    """Return the option for the folder of loops with a known outcome, if there is one."""
    folder = STUDY.devices[wildcards.device].calibration
    return f"--calibration {shlex.quote(folder)}" if folder else ""


def detection_errors(wildcards):
    """Return the file of a device's detection errors, if they are known."""
    device = STUDY.devices[wildcards.device]
    if getattr(device, "calibration", None):
        return [f"{RESULTS}/{wildcards.device}/detection.json"]
    file = getattr(device, "detection_errors", None)
    return [file] if file else []


def columns_options(wildcards):
    """Return the options that say what the columns of a measured device's table are."""
    columns = getattr(STUDY.devices[wildcards.device], "columns", {})
    return repeated("--columns", [f"{what}={name}" for what, name in columns.items()])


def columns_of_both(device, reference):
    """Return the options for the columns of the tables of two devices that are compared."""
    named = zip("AB", (device, reference))
    return repeated(
        "--columns",
        [
            f"{letter}:{what}={name}"
            for letter, of in named
            for what, name in getattr(STUDY.devices[of], "columns", {}).items()
        ],
    )


def nucleation_option(wildcards):
    """Return the option for a measured nucleation field, where it is known."""
    field_mT = getattr(STUDY.devices[wildcards.device], "nucleation_field_mT", None)
    return "" if field_mT is None else f"--nucleation-field-mT {field_mT}"


def trained_models(wildcards):
    """Return the trained models of a device, one for each of the study's seeds."""
    return expand(
        f"{RESULTS}/{wildcards.device}/network/model{{model}}.json",
        model=range(STUDY.network.models),
    )


def paper_models(wildcards):
    """Return the models of a device that are trained as in the paper."""
    return expand(
        f"{RESULTS}/{wildcards.device}/paper/model{{model}}.json",
        model=range(STUDY.paper.models),
    )


# Folders of results/{device}/hardware, as Study.networks_on_device has them; any number of reads may
# be asked for.
NETWORK_FOLDER = "|".join([r"(hidden-)?k\d+", *STUDY.network.one_read])


def is_driven_by_field(name):
    """Return whether a device's curve is against a field, for which there are device programs."""
    return DRIVE_OF[name] is FIELD


def pulse_options(wildcards):
    """Return the options for the pulses that read a device, if they are of a current."""
    pulse = getattr(STUDY.devices[wildcards.device], "read_pulse", None)
    sizes = pulse.model_dump(exclude_none=True) if pulse else {}
    return " ".join(
        f"--pulse-{name.replace('_', '-')} {size}" for name, size in sizes.items()
    )


def networks_on_device(name):
    """Return the folders of the networks that run on a device."""
    if not is_driven_by_field(name):
        return []
    return list(STUDY.networks_on_device)


def log_of(wildcards):
    """Return the log of a network and its manifest: the laboratory's own, or the virtual one's."""
    folder = f"{RESULTS}/{wildcards.device}/hardware/{wildcards.network}"
    return log_and_manifest(
        STUDY.devices[wildcards.device].logs.get(wildcards.network),
        f"{folder}/inference_log.parquet",
        f"{folder}/manifest.json",
    )


def trained_by(folder):
    """Return rule and reads of the network in a folder."""
    if folder in STUDY.network.one_read:
        return folder, 1
    kind, _, reads = folder.rpartition("k")
    return (learning_rules.HIDDEN if kind else learning_rules.ON_DEVICE), int(reads)


def repeated(option, values):
    """Return an option of a command once for each value."""
    return " ".join(f"{option} {shlex.quote(str(value))}" for value in values)


def is_compared(name):
    """Return whether a device's curve is set against another's, which has the same drive."""
    reference = STUDY.hardware.compare_with
    if DRIVE_OF[name] is None or reference in (None, name):
        return False
    return DRIVE_OF[name] is DRIVE_OF[reference]


def stage_files(stage, names):
    """Return what a stage makes of the named devices."""
    return [file for name in names for file in _files_of(stage, name)]


def all_files():
    """Return every file of the study but the paper's, so that one that was deleted is made again.

    Snakemake does not look for the inputs of a file that is there. The blocks of the config are among
    them: without its block, a change of a setting would go unnoticed.
    """
    blocks = [f"{RESULTS}/{block}" for block in BLOCKS if block != PAPER_BLOCK]
    images = [f"{RESULTS}/images.npz"] if any(map(_has_networks, DEVICES)) else []
    if any(STUDY.devices[name].has_crossbar for name in TRACKS):
        images.append(f"{RESULTS}/grey-images.npz")
    # A file that two lists name counts once.
    return list(
        dict.fromkeys(
            [
                *blocks,
                *images,
                *stage_files("fit", DEVICES),
                *stage_files("verify", DEVICES),
                *stage_files("simulate", TRACKS),
                *stage_files("train", TRACKS),
                *levels_files("json"),
                *levels_files("svg"),
                *(file for name in TRACKS for file in crossbar_files(name)),
                *(
                    file
                    for name in DEVICES
                    if DRIVE_OF[name]
                    for file in _curve_files(name)
                ),
                *(
                    file
                    for name in filter(_has_networks, DEVICES)
                    for file in _network_files(name)
                ),
            ]
        )
    )


def _curve_files(name):
    """Return what a device's curve is made from, and its figures."""
    device, folder = STUDY.devices[name], f"{RESULTS}/{name}"
    files = stage_files("simulate", [name])
    if name in TRACKS:
        files += [f"{folder}/counts.csv"]
    elif device.source == "simulation":
        files += [*trials_up_to(name, device.sampling.rounds), f"{folder}/counts.csv"]
        if not device.shipped:
            rounds = range(1, device.sampling.rounds + 1)
            files += [f"{folder}/wall.omf", f"{folder}/rounds/1/plan.csv"]
            for later in rounds[1:]:
                files += [
                    f"{folder}/rounds/{later - 1}/counts.csv",
                    f"{folder}/rounds/{later}/plan.csv",
                ]
    files += laboratory_files(name)
    if getattr(device, "loops", None):
        files += [
            f"{folder}/{file}" for file in ("counts.csv", "outcomes.csv", "loops.svg")
        ]
        files += [f"{folder}/detection.json"] if device.calibration else []
    if device.source != "published":
        files += [f"{folder}/residuals.svg", f"{folder}/posterior.svg"]
    return files + ([f"{folder}/comparison.svg"] if is_compared(name) else [])


def _network_files(name):
    """Return every file of a device's networks and of their runs on it."""
    folder, logs = f"{RESULTS}/{name}", STUDY.devices[name].logs
    files = [*stage_files("train", [name]), f"{folder}/network/plan.html"]
    for model in MODELS:
        files += [
            f"{folder}/network/model{model}.{kind}" for kind in ("json", "safetensors")
        ]
    for network in networks_on_device(name):
        made = ["program.csv", "program.json", "accuracy.svg"]
        made += [f"verification.{kind}" for kind in ("json", "svg", "html")]
        made += [] if network in logs else ["inference_log.parquet", "manifest.json"]
        files += [f"{folder}/hardware/{network}/{file}" for file in made]
    return files


def _has_networks(name):
    return bool(DRIVE_OF[name]) and getattr(STUDY.devices[name], "networks", True)


def _files_of(stage, name):
    of_pulses = of_track(name).get(stage, []) if name in TRACKS else []
    return of_pulses + (_files_of_curve(stage, name) if DRIVE_OF[name] else [])


def _files_of_curve(stage, name):
    folder = f"{RESULTS}/{name}"
    if stage == "simulate":
        if name in TRACKS or STUDY.devices[name].source != "simulation":
            return []
        last_round = STUDY.devices[name].sampling.rounds
        trials = trials_up_to(name, last_round)
        speeds = [table.replace(".csv", ".speed.json") for table in trials]
        if STUDY.devices[name].shipped:
            speeds = []
        return [f"{folder}/wire.svg", f"{folder}/wall.json", *trials, *speeds]
    if stage == "fit":
        return [f"{folder}/device.json", f"{folder}/curve.svg"]
    compared = [f"{folder}/comparison.json"] if is_compared(name) else []
    if not _has_networks(name):
        return compared if stage == "verify" else []
    if stage == "train":
        names = ("accuracy", "fields", "training", "trade-offs", "spread")
        figures = [f"{folder}/network/{name}.svg" for name in names]
        return [
            f"{folder}/network/accuracy.json",
            f"{folder}/network/plan.json",
            *figures,
        ]
    verified = expand(
        f"{folder}/hardware/{{network}}/verification.json",
        network=networks_on_device(name),
    )
    return verified + compared
