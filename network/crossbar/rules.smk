"""Crossbars: grey images, training on the response of every track, accuracy and costs."""

CROSSBARS = f"{RESULTS}/{{device}}/crossbar"


rule grey_images:
    input:
        config=f"{RESULTS}/config/grey-images.yaml",
    output:
        f"{RESULTS}/grey-images.npz",
    log:
        f"{RESULTS}/logs/grey-images.log",
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m network images --grey --config {input.config:q} --out {output:q} "
        "2> >(logged {log:q})"


rule train_crossbar:
    input:
        config=f"{RESULTS}/config/crossbar.yaml",
        response=f"{RESULTS}/{{device}}/response.npz",
        images=f"{RESULTS}/grey-images.npz",
    output:
        model=f"{CROSSBARS}/model{{model}}.json",
        arrays=f"{CROSSBARS}/model{{model}}.safetensors",
    log:
        f"{RESULTS}/{{device}}/logs/train-crossbar-{{model}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/train-crossbar-{{model}}.tsv"
    wildcard_constraints:
        model=r"\d+",
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
    shell:
        "python -m network train-crossbar --config {input.config:q} "
        "--response {input.response:q} --images {input.images:q} "
        "--model-numbers {wildcards.model} --seed {params.seed} --threads {threads} "
        '--out "$(dirname {output.model:q})" 2> >(logged {log:q})'


rule evaluate_crossbar:
    input:
        models=trained_crossbars("json"),
        arrays=trained_crossbars("safetensors"),
        response=f"{RESULTS}/{{device}}/response.npz",
        images=f"{RESULTS}/grey-images.npz",
    output:
        accuracy=f"{CROSSBARS}/crossbar-accuracy.json",
        figure=report(
            f"{CROSSBARS}/crossbar-accuracy.svg",
            caption="../../workflow/captions/crossbar-accuracy.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "crossbar: accuracy by epoch"},
        ),
        confusion=report(
            f"{CROSSBARS}/crossbar-confusion.svg",
            caption="../../workflow/captions/crossbar-confusion.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "crossbar: classes confused"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/evaluate-crossbar.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/evaluate-crossbar.tsv"
    wildcard_constraints:
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m network evaluate-crossbar {input.models:q} --response {input.response:q} "
        '--images {input.images:q} --out "$(dirname {output.accuracy:q})" '
        "> {log:q} 2> >(logged -a {log:q})"


rule plan_crossbar:
    input:
        models=trained_crossbars("json"),
        arrays=trained_crossbars("safetensors"),
        response=f"{RESULTS}/{{device}}/response.npz",
        images=f"{RESULTS}/grey-images.npz",
    output:
        plan=f"{CROSSBARS}/crossbar-plan.json",
        page=report(
            f"{CROSSBARS}/crossbar-plan.html",
            caption="../../workflow/captions/crossbar-plan.rst",
            category="3 Networks",
            labels={"device": "{device}", "figure": "crossbar: table of costs"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/plan-crossbar.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/plan-crossbar.tsv"
    wildcard_constraints:
        device=crossbar_pattern(),
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        sizes=crossbar_pulse_options,
    shell:
        "python -m network plan-crossbar {input.models:q} --response {input.response:q} "
        "--images {input.images:q} {params.sizes} "
        '--out "$(dirname {output.plan:q})" > {log:q} 2> >(logged -a {log:q})'
