"""Hardware: trained networks as device programs, run in the virtual laboratory and verified."""


rule program:
    input:
        models=trained_models,
        device=f"{RESULTS}/{{device}}/device.json",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        program=f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/program.csv",
        biases=f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/program.json",
    log:
        f"{RESULTS}/{{device}}/logs/program-k{{reads_train}}.log",
    wildcard_constraints:
        reads_train=r"\d+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        models=lambda wildcards, input: repeated("--model", input.models),
    shell:
        "python -m hardware program {params.models} --reads-train {wildcards.reads_train} "
        "--device {input.device:q} --config {input.config:q} "
        '--out "$(dirname {output.program:q})" 2> >(tee {log:q} >&2)'


rule run_program:
    input:
        program=rules.program.output.program,
        biases=rules.program.output.biases,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        log=f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/inference_log.parquet",
        manifest=f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/manifest.json",
    log:
        f"{RESULTS}/{{device}}/logs/laboratory-k{{reads_train}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/laboratory-k{{reads_train}}.tsv"
    wildcard_constraints:
        reads_train=r"\d+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
    shell:
        "python -m hardware run --program {input.program:q} --device {input.device:q} "
        "--images {input.images:q} --config {input.config:q} --seed {params.seed} "
        '--out "$(dirname {output.log:q})" 2> >(tee {log:q} >&2)'


rule verify_log:
    input:
        program=rules.program.output.program,
        biases=rules.program.output.biases,
        log=rules.run_program.output.log,
        manifest=rules.run_program.output.manifest,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        models=trained_models,
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        verification=f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/verification.json",
        accuracy=report(
            f"{RESULTS}/{{device}}/hardware/k{{reads_train}}/accuracy.svg",
            caption="../docs/captions/hardware-accuracy.rst",
            category="4 Hardware",
            labels={
                "device": "{device}",
                "figure": "accuracy, K train = {reads_train}",
            },
        ),
    log:
        f"{RESULTS}/{{device}}/logs/verify-k{{reads_train}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/verify-k{{reads_train}}.tsv"
    wildcard_constraints:
        reads_train=r"\d+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        models=lambda wildcards, input: repeated("--model", input.models),
        seed=STUDY.seed,
    shell:
        "python -m hardware verify --program {input.program:q} --log {input.log:q} "
        "--manifest {input.manifest:q} --device {input.device:q} --images {input.images:q} "
        "--config {input.config:q} {params.models} --seed {params.seed} "
        '--out "$(dirname {output.verification:q})" 2> >(tee {log:q} >&2)'


rule compare:
    input:
        device=f"{RESULTS}/{{device}}/device.json",
        reference=f"{RESULTS}/{STUDY.hardware.compare_with}/device.json",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        comparison=f"{RESULTS}/{{device}}/comparison.json",
        figure=report(
            f"{RESULTS}/{{device}}/comparison.svg",
            caption="../docs/captions/comparison.rst",
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
    shell:
        "python -m hardware compare --device {input.device:q} --reference {input.reference:q} "
        "--config {input.config:q} --confidence {params.confidence} "
        '--out "$(dirname {output.comparison:q})" 2> >(tee {log:q} >&2)'
