"""Networks: images, training on every device from every seed, and their test accuracy."""

MODELS = list(range(STUDY.network.models))


rule images:
    input:
        config=f"{RESULTS}/config/images.yaml",
    output:
        f"{RESULTS}/images.npz",
    log:
        f"{RESULTS}/logs/images.log",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m network images --config {input.config:q} --out {output:q} "
        "2> >(logged {log:q})"


rule train_models:
    input:
        config=f"{RESULTS}/config/network.yaml",
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
    output:
        model=f"{RESULTS}/{{device}}/network/model{{model}}.json",
        arrays=f"{RESULTS}/{{device}}/network/model{{model}}.safetensors",
    log:
        f"{RESULTS}/{{device}}/logs/train-{{model}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/train-{{model}}.tsv"
    wildcard_constraints:
        model=r"\d+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
    shell:
        "python -m network train --config {input.config:q} --device {input.device:q} "
        "--images {input.images:q} --model-number {wildcards.model} --seed {params.seed} "
        "--out {output.model:q} --threads {threads} 2> >(logged {log:q})"


rule evaluate:
    input:
        models=expand(
            f"{RESULTS}/{{{{device}}}}/network/model{{model}}.json", model=MODELS
        ),
        arrays=expand(
            f"{RESULTS}/{{{{device}}}}/network/model{{model}}.safetensors",
            model=MODELS,
        ),
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
    output:
        accuracy=f"{RESULTS}/{{device}}/network/accuracy.json",
        figure=report(
            f"{RESULTS}/{{device}}/network/accuracy.svg",
            caption="../workflow/captions/accuracy.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "accuracy against reads"},
        ),
        fields=report(
            f"{RESULTS}/{{device}}/network/fields.svg",
            caption="../workflow/captions/fields.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "trained fields"},
        ),
        training=report(
            f"{RESULTS}/{{device}}/network/training.svg",
            caption="../workflow/captions/training.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "training curves"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/evaluate.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/evaluate.tsv"
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        pulse=pulse_options,
    shell:
        "python -m network evaluate {input.models:q} --device {input.device:q} "
        "--images {input.images:q} {params.pulse} "
        '--out "$(dirname {output.accuracy:q})" --threads {threads} '
        "> {log:q} 2> >(logged -a {log:q})"


rule plan:
    input:
        models=trained_models,
        arrays=expand(
            f"{RESULTS}/{{{{device}}}}/network/model{{model}}.safetensors",
            model=MODELS,
        ),
        device=f"{RESULTS}/{{device}}/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/plan.yaml",
    output:
        plan=f"{RESULTS}/{{device}}/network/plan.json",
        page=report(
            f"{RESULTS}/{{device}}/network/plan.html",
            caption="../workflow/captions/plan.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "table of what accuracy costs"},
        ),
        trade_offs=report(
            f"{RESULTS}/{{device}}/network/trade-offs.svg",
            caption="../workflow/captions/trade-offs.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "accuracy against its cost"},
        ),
        spread=report(
            f"{RESULTS}/{{device}}/network/spread.svg",
            caption="../workflow/captions/spread.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "spread over devices"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/plan-network.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/plan-network.tsv"
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        reads_per_s=STUDY.hardware.reads_per_s,
        pulse=pulse_options,
    shell:
        "python -m network plan {input.models:q} --device {input.device:q} "
        "--images {input.images:q} --config {input.config:q} "
        "--reads-per-s {params.reads_per_s} {params.pulse} "
        '--out "$(dirname {output.plan:q})" > {log:q} 2> >(logged -a {log:q})'


# The best wire of a calibration as fabricated: networks are trained for it, and planned over its spread.
use rule train_models as train_fabricated with:
    input:
        config=f"{RESULTS}/config/network.yaml",
        device=f"{RESULTS}/{{device}}/fabricated/device.json",
        images=f"{RESULTS}/images.npz",
    output:
        model=f"{RESULTS}/{{device}}/fabricated/model{{model}}.json",
        arrays=f"{RESULTS}/{{device}}/fabricated/model{{model}}.safetensors",
    log:
        f"{RESULTS}/{{device}}/logs/train-fabricated-{{model}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/train-fabricated-{{model}}.tsv"


use rule plan as plan_fabricated with:
    input:
        models=expand(
            f"{RESULTS}/{{{{device}}}}/fabricated/model{{model}}.json", model=MODELS
        ),
        device=f"{RESULTS}/{{device}}/fabricated/device.json",
        images=f"{RESULTS}/images.npz",
        config=f"{RESULTS}/config/plan.yaml",
    output:
        plan=f"{RESULTS}/{{device}}/fabricated/plan.json",
        page=report(
            f"{RESULTS}/{{device}}/fabricated/plan.html",
            caption="../workflow/captions/plan.rst",
            category="3 Networks",
            labels={
                "device": "{device}",
                "figure": "what accuracy costs, as fabricated",
            },
        ),
        trade_offs=f"{RESULTS}/{{device}}/fabricated/trade-offs.svg",
        spread=report(
            f"{RESULTS}/{{device}}/fabricated/spread.svg",
            caption="../workflow/captions/spread.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "spread of fabrication"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/plan-fabricated.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/plan-fabricated.tsv"
