"""The summary of the study and the targets by name."""


rule summary:
    input:
        stage_files("fit", DEVICES),
        stage_files("train", DEVICES),
        stage_files("verify", DEVICES),
        stage_files("simulate", DEVICES),
    output:
        numbers=f"{RESULTS}/summary.json",
        page=report(
            f"{RESULTS}/summary.html",
            caption="../docs/captions/summary.rst",
            category="0 Summary",
            labels={"device": "all", "figure": "tables of results and verification"},
        ),
    log:
        f"{RESULTS}/logs/summary.log",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        results=lambda wildcards, output: os.path.dirname(output.numbers),
        devices=DEVICES,
    shell:
        "python -m workflow summary {params.devices:q} --results {params.results:q} "
        "2> >(tee {log:q} >&2)"


for stage in STAGES:

    rule:
        name:
            stage
        input:
            stage_files(stage, DEVICES),


for device in DEVICES:

    rule:
        name:
            device
        input:
            [stage_files(stage, [device]) for stage in STAGES],

    for stage in STAGES:

        rule:
            name:
                f"{stage}-{device}"
            input:
                stage_files(stage, [device]),
