"""Micromagnetics: the relaxed wall and, round by round, batches of trials of simulated devices.

The longest chain of jobs leads from here to the fitted curve: what belongs to it has priority 10.
"""


rule first_plan:
    input:
        config=f"{RESULTS}/{{device}}/config/sampling.yaml",
    output:
        f"{RESULTS}/{{device}}/rounds/1/plan.csv",
    log:
        f"{RESULTS}/{{device}}/logs/plan-1.log",
    wildcard_constraints:
        device=device_pattern("simulation"),
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m micromag plan --config {input.config:q} --out {output:q} "
        "2> >(logged {log:q})"


rule relax:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        wall=f"{RESULTS}/{{device}}/wall.omf",
        position=f"{RESULTS}/{{device}}/wall.json",
    log:
        f"{RESULTS}/{{device}}/logs/relax.log",
    wildcard_constraints:
        device=simulated_pattern(shipped=False),
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m micromag relax --config {input.config:q} --out {output.wall:q} "
        "2> >(logged {log:q})"


rule trials:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
        wall=f"{RESULTS}/{{device}}/wall.omf",
        plan=f"{RESULTS}/{{device}}/rounds/{{round}}/plan.csv",
    output:
        trials=f"{RESULTS}/{{device}}/rounds/{{round}}/trials-{{batch}}.csv",
        speed=f"{RESULTS}/{{device}}/rounds/{{round}}/trials-{{batch}}.speed.json",
    log:
        f"{RESULTS}/{{device}}/logs/trials-{{round}}-{{batch}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/trials-{{round}}-{{batch}}.tsv"
    wildcard_constraints:
        device=simulated_pattern(shipped=False),
        round=r"\d+",
        batch=r"\d+",
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    resources:
        runtime=trials_minutes,
    params:
        seed=STUDY.seed,
        batches=lambda w: STUDY.devices[w.device].sampling.batches_per_round,
    shell:
        "python -m micromag simulate --config {input.config:q} --wall {input.wall:q} "
        "--plan {input.plan:q} --batch {wildcards.batch} --batches {params.batches} "
        "--seed {params.seed} --threads {threads} --out {output.trials:q} "
        "2> >(logged {log:q})"


rule draw_wire:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
        wall=f"{RESULTS}/{{device}}/wall.omf",
        trials=lambda wildcards: trials_up_to(wildcards.device, 1),
    output:
        report(
            f"{RESULTS}/{{device}}/wire.svg",
            caption="../workflow/captions/wire.rst",
            category="1 Wire and wall",
            labels={"device": "{device}", "figure": "wire and wall at the notch"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/draw.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/draw.tsv"
    wildcard_constraints:
        device=simulated_pattern(shipped=False),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m micromag draw --config {input.config:q} --wall {input.wall:q} "
        "--out {output:q} {input.trials:q} 2> >(logged {log:q})"


rule shipped_trials:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
        shipped=lambda wildcards: shipped_files(wildcards.device),
    output:
        trials=f"{RESULTS}/{{device}}/shipped/trials.csv",
        position=f"{RESULTS}/{{device}}/wall.json",
        figure=report(
            f"{RESULTS}/{{device}}/wire.svg",
            caption="../workflow/captions/wire.rst",
            category="1 Wire and wall",
            labels={"device": "{device}", "figure": "wire and wall at the notch"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/shipped.log",
    wildcard_constraints:
        device=simulated_pattern(shipped=True),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        folder=lambda wildcards: shipped_folder(STUDY.devices[wildcards.device].shipped),
    shell:
        "python -m micromag shipped --config {input.config:q} --folder {params.folder:q} "
        "--out-trials {output.trials:q} --out-wall {output.position:q} "
        "--out-figure {output.figure:q} "
        "2> >(logged {log:q})"


rule period:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        f"{RESULTS}/{{device}}/release/period.jsonl",
    log:
        f"{RESULTS}/{{device}}/logs/period.log",
    wildcard_constraints:
        device=device_pattern("simulation"),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        fields=lambda w: first_fields(w.device),
    shell:
        "python -m micromag period --config {input.config:q} --field-mT {params.fields} "
        "> {output:q} 2> >(logged {log:q})"


rule distances:
    input:
        trials=lambda w: trials_up_to(w.device, STUDY.devices[w.device].sampling.rounds),
    output:
        report(
            f"{RESULTS}/{{device}}/release/distances.svg",
            caption="../workflow/captions/distances.rst",
            category="1 Wire and wall",
            labels={"device": "{device}", "figure": "passing by distance of release"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/distances.log",
    wildcard_constraints:
        device=drawn_pattern(),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        seed=STUDY.seed,
    shell:
        "python -m micromag distances {input.trials:q} --seed {params.seed} --out {output:q} "
        "> {log:q} 2> >(logged -a {log:q})"


rule barrier:
    # A job per field: a stopped run goes on at the next one.
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        table=f"{RESULTS}/{{device}}/laboratory/barriers-{{field}}.csv",
        figure=f"{RESULTS}/{{device}}/laboratory/barriers-{{field}}.svg",
    log:
        f"{RESULTS}/{{device}}/logs/barriers-{{field}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/barriers-{{field}}.tsv"
    wildcard_constraints:
        device=laboratory_pattern(),
        field=r"[\d.]+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    resources:
        runtime=lambda wildcards, attempt: attempt * BARRIER_MINUTES,
    params:
        beyond=beyond_option,
    shell:
        "python -m micromag barriers --config {input.config:q} --field-mT {wildcards.field} "
        "{params.beyond} --out {output.table:q} 2> >(logged {log:q})"


rule depinning:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        table=f"{RESULTS}/{{device}}/laboratory/depinning.csv",
        figure=f"{RESULTS}/{{device}}/laboratory/depinning.svg",
    log:
        f"{RESULTS}/{{device}}/logs/depinning.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/depinning.tsv"
    wildcard_constraints:
        device=laboratory_pattern(),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    resources:
        runtime=lambda wildcards, attempt: attempt * BARRIER_MINUTES,
    params:
        from_mT=lambda w: STUDY.devices[w.device].laboratory_dwell.depinning_from_mT,
    shell:
        "python -m micromag depinning --config {input.config:q} --from-mT {params.from_mT} "
        "--out {output.table:q} > {log:q} 2> >(logged -a {log:q})"


rule survival:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        f"{RESULTS}/{{device}}/laboratory/survival-{{field}}.csv",
    log:
        f"{RESULTS}/{{device}}/logs/survival-{{field}}.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/survival-{{field}}.tsv"
    wildcard_constraints:
        device=laboratory_pattern(),
        field=r"[\d.]+",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    resources:
        runtime=survival_minutes,
    params:
        walls=lambda w: STUDY.devices[w.device].laboratory_dwell.walls,
        window_ns=lambda w: STUDY.devices[w.device].laboratory_dwell.window_ns,
        settle=settle_option,
        first_replica=first_survivor,
        seed=STUDY.seed,
    shell:
        "python -m micromag survive --config {input.config:q} --field-mT {wildcards.field} "
        "--replicas {params.walls} --window-ns {params.window_ns} {params.settle} "
        "--first-replica {params.first_replica} --seed {params.seed} --threads {threads} "
        "--out {output:q} 2> >(logged {log:q})"


rule sensitivity:
    # Wires that were simulated are kept: a stopped run goes on at the next one.
    input:
        unpack(sensitivity_inputs),
    output:
        numbers=f"{RESULTS}/{{device}}/sensitivity/sensitivity.json",
        table=f"{RESULTS}/{{device}}/sensitivity/sensitivity.csv",
        figure=report(
            f"{RESULTS}/{{device}}/sensitivity/sensitivity.svg",
            caption="../workflow/captions/sensitivity.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "what the curve depends on"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/sensitivity.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/sensitivity.tsv"
    wildcard_constraints:
        device=device_pattern("simulation"),
    conda:
        "../workflow/environment.yaml"
    threads: 4
    resources:
        runtime=sensitivity_minutes,
    params:
        options=sensitivity_options,
        replicas=lambda w: STUDY.devices[w.device].sensitivity.replicas,
        seed=STUDY.seed,
    shell:
        "python -m micromag sensitivity --config {input.config:q} {params.options} "
        "--replicas {params.replicas} "
        '--seed {params.seed} --threads {threads} --out "$(dirname {output.numbers:q})" '
        "2> >(logged {log:q})"


rule calibrate:
    # Wires that were simulated are kept: a stopped run goes on at the next one.
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
        target=calibration_target,
    output:
        numbers=f"{RESULTS}/{{device}}/calibration/calibration.json",
        best=f"{RESULTS}/{{device}}/calibration/best-wire.yaml",
        figure=report(
            f"{RESULTS}/{{device}}/calibration/calibration.svg",
            caption="../workflow/captions/calibration.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "calibration"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/calibrate.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/calibrate.tsv"
    wildcard_constraints:
        device=calibrated_pattern(shipped=[False]),
    conda:
        "../workflow/environment.yaml"
    threads: 4
    resources:
        runtime=calibration_minutes,
    params:
        options=calibration_options,
        seed=STUDY.seed,
        given=lambda wildcards: given_checksums(calibration_target(wildcards)),
    shell:
        "python -m micromag calibrate --config {input.config:q} --target {input.target:q} "
        "{params.options} --seed {params.seed} --threads {threads} "
        '--out "$(dirname {output.numbers:q})" 2> >(logged {log:q})'


rule draw_track:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        track=f"{RESULTS}/{{device}}/track.json",
        figure=report(
            f"{RESULTS}/{{device}}/track.svg",
            caption="../workflow/captions/track.rst",
            category="1 Wire and wall",
            labels={"device": "{device}", "figure": "track and wall at a notch"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/track.log",
    wildcard_constraints:
        device=track_pattern(shipped=False),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m micromag track --config {input.config:q} "
        '--out "$(dirname {output.track:q})" 2> >(logged {log:q})'


rule pulses:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        f"{RESULTS}/{{device}}/pulses.csv",
    log:
        f"{RESULTS}/{{device}}/logs/pulses.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/pulses.tsv"
    wildcard_constraints:
        device=track_pattern(shipped=False),
    # Before the trainings, which fill the cores that are left.
    priority: 5
    conda:
        "../workflow/environment.yaml"
    threads: lambda w: STUDY.devices[w.device].threads
    resources:
        runtime=track_minutes,
    params:
        seed=STUDY.seed,
    shell:
        "python -m micromag pulse --config {input.config:q} --seed {params.seed} "
        "--threads {threads} --out {output:q} 2> >(logged {log:q})"


rule shipped_pulses:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
        shipped=lambda wildcards: shipped_pulse_files(wildcards.device),
    output:
        pulses=f"{RESULTS}/{{device}}/pulses.csv",
        track=f"{RESULTS}/{{device}}/track.json",
        figure=report(
            f"{RESULTS}/{{device}}/track.svg",
            caption="../workflow/captions/track.rst",
            category="1 Wire and wall",
            labels={"device": "{device}", "figure": "track and wall at a notch"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/shipped.log",
    wildcard_constraints:
        device=track_pattern(shipped=True),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        folder=lambda wildcards: shipped_folder(STUDY.devices[wildcards.device].shipped),
    shell:
        "python -m micromag shipped-pulses --config {input.config:q} --folder {params.folder:q} "
        '--out "$(dirname {output.pulses:q})" 2> >(logged {log:q})'
