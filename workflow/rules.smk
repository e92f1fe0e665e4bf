"""The summary of the study and the targets by name."""


rule summary:
    input:
        numbers=[
            file
            for stage in STAGES
            for file in stage_files(stage, DEVICES)
            if is_summarised(file)
        ],
        dwell=[file for name in DEVICES for file in predictions_of(name, "json")],
        levels=levels_files("json"),
        others=[
            file
            for stage in STAGES
            for file in stage_files(stage, DEVICES)
            if not is_summarised(file)
        ],
    output:
        numbers=f"{RESULTS}/summary.json",
        speed=f"{RESULTS}/speed.json",
        page=report(
            f"{RESULTS}/summary.html",
            caption="../workflow/captions/summary.rst",
            category="0 Summary",
            labels={"device": "all", "figure": "tables of results and verification"},
        ),
    log:
        f"{RESULTS}/logs/summary.log",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m dwsynapse.summary {input.numbers:q} {input.dwell:q} {input.levels:q} "
        '--out "$(dirname {output.numbers:q})" 2> >(logged {log:q})'


for stage in STAGES:

    rule:
        name:
            stage
        input:
            stage_files(stage, DEVICES),


for device in DEVICES:
    if device in {rule.name for rule in workflow.rules}:
        sys.exit(
            f"error: config: devices.{device}: a rule has this name; choose another"
        )

    rule:
        name:
            device
        input:
            [stage_files(stage, [device]) for stage in STAGES],

    if laboratory_files(device):

        rule:
            name:
                f"dwell-{device}"
            input:
                laboratory_files(device),

    if re.fullmatch(device_pattern("simulation"), device):

        rule:
            name:
                f"release-{device}"
            input:
                release_files(device),

        rule:
            name:
                f"sensitivity-{device}"
            input:
                f"{RESULTS}/{device}/sensitivity/sensitivity.svg",

    if re.fullmatch(calibrated_pattern(), device):

        rule:
            name:
                f"calibrate-{device}"
            input:
                f"{RESULTS}/{device}/calibration/levels.json",

    if re.fullmatch(designed_pattern(), device):

        rule:
            name:
                f"design-{device}"
            input:
                f"{RESULTS}/{device}/fabricated/plan.json",

    for stage in STAGES:

        rule:
            name:
                f"{stage}-{device}"
            input:
                stage_files(stage, [device]),
