"""Crossbars of tracks on hardware: programmed in the virtual laboratory, and verified."""

PROGRAMMED = f"{CROSSBARS}/hardware"


rule program_crossbar:
    input:
        model=f"{CROSSBARS}/model0.json",
        arrays=f"{CROSSBARS}/model0.safetensors",
        response=f"{RESULTS}/{{device}}/response.npz",
    output:
        program=f"{PROGRAMMED}/crossbar_program.csv",
        settings=f"{PROGRAMMED}/crossbar_program.json",
    log:
        f"{RESULTS}/{{device}}/logs/program-crossbar.log",
    wildcard_constraints:
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        options=programming_options("walls_at", "loop", "within", "max_pulses"),
    shell:
        "python -m hardware program-crossbar {input.model:q} --response {input.response:q} "
        '{params.options} --out "$(dirname {output.program:q})" > {log:q} 2> >(logged -a {log:q})'


rule run_crossbar:
    input:
        program=rules.program_crossbar.output.program,
        settings=rules.program_crossbar.output.settings,
        response=f"{RESULTS}/{{device}}/response.npz",
    output:
        log=f"{PROGRAMMED}/programming_log.parquet",
        state=f"{PROGRAMMED}/final_conductances.csv",
        manifest=f"{PROGRAMMED}/manifest.json",
    log:
        f"{RESULTS}/{{device}}/logs/run-crossbar.log",
    wildcard_constraints:
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
        read_noise_S=STUDY.hardware.crossbars.read_noise_S,
    shell:
        "python -m hardware run-crossbar --program {input.program:q} --response {input.response:q} "
        "--read-noise-S {params.read_noise_S} --seed {params.seed} "
        '--out "$(dirname {output.log:q})" > {log:q} 2> >(logged -a {log:q})'


rule verify_crossbar:
    input:
        unpack(programming_log_of),
        program=rules.program_crossbar.output.program,
        settings=rules.program_crossbar.output.settings,
        response=f"{RESULTS}/{{device}}/response.npz",
        statistics=f"{RESULTS}/{{device}}/response.json",
    output:
        verification=f"{PROGRAMMED}/crossbar_verification.json",
        figure=f"{PROGRAMMED}/crossbar_verification.svg",
        page=report(
            f"{PROGRAMMED}/crossbar_verification.html",
            caption="../../workflow/captions/crossbar-verification.rst",
            category="4 Hardware",
            labels={"device": "{device}", "figure": "verification, crossbar"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/verify-crossbar.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/verify-crossbar.tsv"
    wildcard_constraints:
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
        significance=STUDY.hardware.significance,
        tolerance=STUDY.hardware.crossbars.tolerance,
        given=lambda wildcards: given_checksums(*programming_log_of(wildcards).values()),
    shell:
        "python -m hardware verify-crossbar --program {input.program:q} "
        "--programming-log {input.log:q} --manifest {input.manifest:q} "
        "--response {input.response:q} --tolerance {params.tolerance} "
        "--significance {params.significance} --seed {params.seed} "
        '--out "$(dirname {output.verification:q})" > {log:q} 2> >(logged -a {log:q})'
