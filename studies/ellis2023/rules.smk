"""The paper's network results on any device, on request: targets paper and paper-<device>."""

PAPER_FIGURES = {
    "1d": "1d mean weights",
    "3abc": "3a-c trained fields",
    "3def": "3d-f outputs of neurons",
    "3g": "3g standard deviation",
    "3h": "3h both learning rules",
    "4ab": "4a, b accuracy against K_test",
    "4c": "4c K_train x K_test",
}


# Relative paths of a rule that is used again are relative to this file.
use rule train_models as train_paper_models with:
    input:
        config=f"{RESULTS}/config/paper.yaml",
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
    output:
        model=f"{RESULTS}/{{device}}/paper/model{{model}}.json",
        arrays=f"{RESULTS}/{{device}}/paper/model{{model}}.safetensors",
    log:
        f"{RESULTS}/{{device}}/logs/train-paper-{{model}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/train-paper-{{model}}.tsv"
    conda:
        "../../workflow/environment.yaml"


use rule program as paper_program with:
    input:
        models=paper_models,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        program=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/program.csv",
        biases=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/program.json",
    log:
        f"{RESULTS}/{{device}}/logs/program-paper-{{network}}.log",
    conda:
        "../../workflow/environment.yaml"


use rule run_program as run_paper_program with:
    input:
        program=rules.paper_program.output.program,
        biases=rules.paper_program.output.biases,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        log=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/inference_log.parquet",
        manifest=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/manifest.json",
    log:
        f"{RESULTS}/{{device}}/logs/laboratory-paper-{{network}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/laboratory-paper-{{network}}.tsv"
    conda:
        "../../workflow/environment.yaml"


use rule verify_log as verify_paper_log with:
    input:
        program=rules.paper_program.output.program,
        biases=rules.paper_program.output.biases,
        log=rules.run_paper_program.output.log,
        manifest=rules.run_paper_program.output.manifest,
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        models=paper_models,
        config=f"{RESULTS}/config/hardware.yaml",
    output:
        verification=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/verification.json",
        accuracy=f"{RESULTS}/{{device}}/paper/hardware/{{network}}/accuracy.svg",
    log:
        f"{RESULTS}/{{device}}/logs/verify-paper-{{network}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/verify-paper-{{network}}.tsv"
    conda:
        "../../workflow/environment.yaml"


rule paper_figures:
    input:
        models=paper_models,
        arrays=expand(
            f"{RESULTS}/{{{{device}}}}/paper/model{{model}}.safetensors",
            model=range(STUDY.paper.models),
        ),
        laboratory=expand(
            f"{RESULTS}/{{{{device}}}}/paper/hardware/k{{reads}}/verification.json",
            reads=(1, 128),
        ),
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
    output:
        figures=[
            report(
                f"{RESULTS}/{{device}}/paper/fig{name}.svg",
                caption=f"../../workflow/captions/paper-{name}.rst",
                category="5 The paper's figures",
                labels={"device": "{device}", "figure": figure},
            )
            for name, figure in PAPER_FIGURES.items()
        ],
        numbers=f"{RESULTS}/{{device}}/paper/paper.json",
    log:
        f"{RESULTS}/{{device}}/logs/paper.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/paper.tsv"
    conda:
        "../../workflow/environment.yaml"
    threads: 8  # once a device's models are trained, little else remains to run
    params:
        laboratory=lambda wildcards, input: repeated("--laboratory", input.laboratory),
    shell:
        "python -m studies.ellis2023 {input.models:q} --device {input.device:q} "
        "--images {input.images:q} {params.laboratory} --threads {threads} "
        '--out "$(dirname {output.numbers:q})" > {log:q} 2> >(logged -a {log:q})'


rule paper:
    input:
        [
            f"{RESULTS}/{name}/paper/paper.json"
            for name in DEVICES
            if getattr(STUDY.devices[name], "networks", True)
            and is_driven_by_field(name)
        ],


for name in DEVICES:
    if name in TRACKS:
        continue

    rule:
        name:
            f"paper-{name}"
        input:
            f"{RESULTS}/{name}/paper/paper.json",
