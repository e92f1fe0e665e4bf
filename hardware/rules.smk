"""Hardware: trained networks as device programs, run in the virtual laboratory and verified."""


rule count_loops:
    input:
        loops_of,
    output:
        counts=f"{RESULTS}/{{device}}/counts.csv",
        outcomes=f"{RESULTS}/{{device}}/outcomes.csv",
        figure=report(
            f"{RESULTS}/{{device}}/loops.svg",
            caption="../workflow/captions/loops.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "Kerr loops"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/loops.log",
    wildcard_constraints:
        device=device_pattern(
            "measurement",
            chosen=lambda device: device.loops and not device.calibration,
        ),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        loops=lambda wildcards: STUDY.devices[wildcards.device].loops,
        options=detection_options,
        given=lambda wildcards: given_checksums(*loops_of(wildcards)),
    shell:
        "python -m hardware loops {params.loops:q} {params.options} "
        '--out "$(dirname {output.counts:q})" > {log:q} 2> >(logged -a {log:q})'


use rule count_loops as count_loops_and_errors with:
    input:
        loops_of,
        known_loops,
    output:
        counts=f"{RESULTS}/{{device}}/counts.csv",
        outcomes=f"{RESULTS}/{{device}}/outcomes.csv",
        detection=f"{RESULTS}/{{device}}/detection.json",
        figure=report(
            f"{RESULTS}/{{device}}/loops.svg",
            caption="../workflow/captions/loops.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "Kerr loops"},
        ),
    wildcard_constraints:
        device=device_pattern("measurement", chosen=lambda device: device.calibration),
    params:
        loops=lambda wildcards: STUDY.devices[wildcards.device].loops,
        options=lambda wildcards: (
            f"{detection_options(wildcards)} {calibration_option(wildcards)}"
        ),
        given=lambda wildcards: given_checksums(
            *loops_of(wildcards), *known_loops(wildcards)
        ),


rule program:
    input:
        models=trained_models,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        program=f"{RESULTS}/{{device}}/hardware/{{network}}/program.csv",
        biases=f"{RESULTS}/{{device}}/hardware/{{network}}/program.json",
    log:
        f"{RESULTS}/{{device}}/logs/program-{{network}}.log",
    wildcard_constraints:
        network=NETWORK_FOLDER,
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        trained_by=lambda wildcards: trained_by(wildcards.network),
        energy_J=STUDY.plan.energy_per_read_J,
        seed=STUDY.seed,
    shell:
        "python -m hardware program {input.models:q} --rule {params.trained_by[0]} "
        "--reads-train {params.trained_by[1]} "
        "--device {input.device:q} --config {input.config:q} --images {input.images:q} "
        "--energy-per-read-J {params.energy_J} --seed {params.seed} "
        '--out "$(dirname {output.program:q})" > {log:q} 2> >(logged -a {log:q})'


rule run_program:
    input:
        program=rules.program.output.program,
        biases=rules.program.output.biases,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        log=f"{RESULTS}/{{device}}/hardware/{{network}}/inference_log.parquet",
        manifest=f"{RESULTS}/{{device}}/hardware/{{network}}/manifest.json",
    log:
        f"{RESULTS}/{{device}}/logs/laboratory-{{network}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/laboratory-{{network}}.tsv"
    wildcard_constraints:
        network=NETWORK_FOLDER,
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
    shell:
        "python -m hardware run --program {input.program:q} --device {input.device:q} "
        "--images {input.images:q} --config {input.config:q} --seed {params.seed} "
        '--out "$(dirname {output.log:q})" 2> >(logged {log:q})'


rule verify_log:
    input:
        unpack(log_of),
        program=rules.program.output.program,
        biases=rules.program.output.biases,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        models=trained_models,
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        verification=f"{RESULTS}/{{device}}/hardware/{{network}}/verification.json",
        figure=f"{RESULTS}/{{device}}/hardware/{{network}}/verification.svg",
        page=report(
            f"{RESULTS}/{{device}}/hardware/{{network}}/verification.html",
            caption="../workflow/captions/verification.rst",
            category="4 Hardware",
            labels=lambda wildcards: {
                "device": wildcards.device,
                "figure": "verification, {} rule, K_train = {}".format(
                    *trained_by(wildcards.network)
                ),
            },
        ),
        accuracy=report(
            f"{RESULTS}/{{device}}/hardware/{{network}}/accuracy.svg",
            caption="../workflow/captions/hardware-accuracy.rst",
            category="4 Hardware",
            labels=lambda wildcards: {
                "device": wildcards.device,
                "figure": "accuracy, {} rule, K_train = {}".format(
                    *trained_by(wildcards.network)
                ),
            },
        ),
    log:
        f"{RESULTS}/{{device}}/logs/verify-{{network}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/verify-{{network}}.tsv"
    wildcard_constraints:
        network=NETWORK_FOLDER,
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
        trained_by=lambda wildcards: trained_by(wildcards.network),
        given=lambda wildcards: given_checksums(*log_of(wildcards).values()),
    shell:
        "python -m hardware verify --program {input.program:q} --log {input.log:q} "
        "--manifest {input.manifest:q} --device {input.device:q} --images {input.images:q} "
        "--config {input.config:q} {input.models:q} --seed {params.seed} "
        '--out "$(dirname {output.verification:q})" > {log:q} 2> >(logged -a {log:q})'


rule compare:
    input:
        device=f"{RESULTS}/{{device}}/device.json",
        reference=f"{RESULTS}/{STUDY.hardware.compare_with}/device.json",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        comparison=f"{RESULTS}/{{device}}/comparison.json",
        figure=report(
            f"{RESULTS}/{{device}}/comparison.svg",
            caption="../workflow/captions/comparison.rst",
            category="4 Hardware",
            labels={"device": "{device}", "figure": "curves compared"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/compare.log",
    wildcard_constraints:
        device="|".join(re.escape(d) for d in DEVICES if is_compared(d)) or "(?!)",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        confidence=STUDY.fitting.confidence,
        columns=lambda w: columns_of_both(w.device, STUDY.hardware.compare_with),
    shell:
        "python -m hardware compare --device {input.device:q} --reference {input.reference:q} "
        "--config {input.config:q} --confidence {params.confidence} {params.columns} "
        '--out "$(dirname {output.comparison:q})" > {log:q} 2> >(logged -a {log:q})'
