"""Fitting: passing counts to a device model, for simulated, measured and published devices."""


rule count_round:
    # All trials up to the round are counted. Those of earlier rounds are not inputs, since their number
    # would grow with the square of the rounds: they are there if their counts are.
    input:
        trials=lambda w: trials_of_round(w.device, int(w.round)),
        before=counts_of_round_before,
    output:
        f"{RESULTS}/{{device}}/rounds/{{round}}/counts.csv",
    log:
        f"{RESULTS}/{{device}}/logs/count-{{round}}.log",
    wildcard_constraints:
        device=device_pattern("simulation"),
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        trials=lambda w: trials_up_to(w.device, int(w.round)),
    shell:
        "python -m fitting count {params.trials:q} --out {output:q} 2> >(logged {log:q})"


rule next_round:
    input:
        counts=counts_of_round_before,
        config=f"{RESULTS}/{{device}}/config/later-rounds.yaml",
    output:
        f"{RESULTS}/{{device}}/rounds/{{round}}/plan.csv",
    log:
        f"{RESULTS}/{{device}}/logs/plan-{{round}}.log",
    wildcard_constraints:
        device=device_pattern("simulation"),
        round=r"[2-9]|[1-9]\d+",
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        trials=lambda w: STUDY.devices[w.device].sampling.trials_per_round,
        first_replica=lambda w: (int(w.round) - 1)
        * STUDY.devices[w.device].sampling.trials_per_round,
        step=lambda w: STUDY.devices[w.device].sampling.field_step_mT,
    shell:
        "python -m fitting next {input.counts:q} --trials {params.trials} --step-mT {params.step} "
        "--first-replica {params.first_replica} --out {output:q} 2> >(logged {log:q})"


rule count:
    input:
        all_trials,
    output:
        f"{RESULTS}/{{device}}/counts.csv",
    log:
        f"{RESULTS}/{{device}}/logs/count.log",
    wildcard_constraints:
        device=device_pattern("simulation"),
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m fitting count {input:q} --out {output:q} 2> >(logged {log:q})"


rule count_pulses:
    input:
        f"{RESULTS}/{{device}}/pulses.csv",
    output:
        f"{RESULTS}/{{device}}/counts.csv",
    log:
        f"{RESULTS}/{{device}}/logs/count.log",
    wildcard_constraints:
        device=pattern_of(TRACKS_WITH_CURVE),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m fitting count {input:q} --out {output:q} 2> >(logged {log:q})"


rule fit_curve:
    input:
        counts=counts_table,
        detection=detection_errors,
        config=f"{RESULTS}/{{device}}/config/fitting.yaml",
    output:
        device=f"{RESULTS}/{{device}}/device.json",
        curve=report(
            f"{RESULTS}/{{device}}/curve.svg",
            caption="../workflow/captions/curve.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "passing curve"},
        ),
        residuals=report(
            f"{RESULTS}/{{device}}/residuals.svg",
            caption="../workflow/captions/residuals.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "residuals"},
        ),
        posterior=report(
            f"{RESULTS}/{{device}}/posterior.svg",
            caption="../workflow/captions/posterior.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "posterior"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/fit.log",
    benchmark:
        f"{RESULTS}/{{device}}/benchmarks/fit.tsv"
    wildcard_constraints:
        device=curve_pattern(),
    priority: 10
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        source=lambda w: STUDY.devices[w.device].source,
        columns=columns_options,
        detection=lambda w, input: repeated("--detection", input.detection),
        nucleation=nucleation_option,
        seed=STUDY.seed,
        given=lambda w: given_checksums(counts_table(w), *detection_errors(w)),
    shell:
        "python -m fitting fit {input.counts:q} --config {input.config:q} "
        "--name {wildcards.device} --source {params.source} {params.columns} {params.detection} "
        "{params.nucleation} "
        '--seed {params.seed} --out "$(dirname {output.device:q})" '
        "> {log:q} 2> >(logged -a {log:q})"


rule dwell:
    input:
        tables=laboratory_tables,
        curve=f"{RESULTS}/{{device}}/device.json",
    output:
        numbers=f"{RESULTS}/{{device}}/laboratory/{{basis}}/prediction.json",
        table=f"{RESULTS}/{{device}}/laboratory/{{basis}}/prediction.csv",
        figure=report(
            f"{RESULTS}/{{device}}/laboratory/{{basis}}/prediction.svg",
            caption="../workflow/captions/dwell.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "laboratory dwell, from {basis}"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/dwell-{{basis}}.log",
    wildcard_constraints:
        device=laboratory_pattern(),
        basis="barriers|depinning|survival",
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        tables=lambda w, input: repeated(
            "--survival" if w.basis == "survival" else "--barriers", input.tables
        ),
        critical=critical_option,
        dwell_s=lambda w: STUDY.devices[w.device].laboratory_dwell.dwell_s,
        seed=STUDY.seed,
    shell:
        "python -m fitting extrapolate {params.tables} {params.critical} "
        "--dwell-s {params.dwell_s} "
        '--arrival {input.curve:q} --seed {params.seed} --out "$(dirname {output.numbers:q})" '
        "> {log:q} 2> >(logged -a {log:q})"


rule levels:
    input:
        device=f"{RESULTS}/{{device}}/device.json",
        calibration=made_calibration,
        calibrated=calibrated_wire,
        dwell=lambda w: predictions_of(w.device, "json"),
        dwell_tables=lambda w: predictions_of(w.device, "csv"),
    output:
        numbers=f"{RESULTS}/{{device}}/calibration/levels.json",
        figure=report(
            f"{RESULTS}/{{device}}/calibration/levels.svg",
            caption="../workflow/captions/levels.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "beside its target"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/levels.log",
    wildcard_constraints:
        device=calibrated_pattern(),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        dwell=lambda w, input: repeated("--dwell", input.dwell),
        calibrated=lambda w, input: repeated("--calibrated", input.calibrated),
        within=agreement_options,
        seed=STUDY.seed,
    shell:
        "python -m fitting levels {input.calibration:q} --device {input.device:q} "
        '{params.dwell} {params.calibrated} {params.within} --seed {params.seed} --out "$(dirname {output.numbers:q})" '
        "> {log:q} 2> >(logged -a {log:q})"


rule fabricate:
    input:
        made_calibration,
    output:
        device=f"{RESULTS}/{{device}}/fabricated/device.json",
        curve=report(
            f"{RESULTS}/{{device}}/fabricated/curve.svg",
            caption="../workflow/captions/fabricated.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "best wire as fabricated"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/fabricate.log",
    wildcard_constraints:
        device=designed_pattern(),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m fitting fabricated {input:q} --name {wildcards.device} "
        '--out "$(dirname {output.device:q})" 2> >(logged {log:q})'


rule publish:
    input:
        config=f"{RESULTS}/{{device}}/config/device.yaml",
    output:
        device=f"{RESULTS}/{{device}}/device.json",
        curve=report(
            f"{RESULTS}/{{device}}/curve.svg",
            caption="../workflow/captions/curve.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "passing curve"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/publish.log",
    wildcard_constraints:
        device=device_pattern("published"),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    shell:
        "python -m fitting publish --config {input.config:q} --name {wildcards.device} "
        '--out "$(dirname {output.device:q})" 2> >(logged {log:q})'


rule response:
    input:
        pulses=f"{RESULTS}/{{device}}/pulses.csv",
        track=f"{RESULTS}/{{device}}/track.json",
    output:
        response=f"{RESULTS}/{{device}}/response.npz",
        numbers=f"{RESULTS}/{{device}}/response.json",
        ramp=report(
            f"{RESULTS}/{{device}}/ramp.svg",
            caption="../workflow/captions/response.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "ramp of pulses"},
        ),
        figure=report(
            f"{RESULTS}/{{device}}/response.svg",
            caption="../workflow/captions/response.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "response to a pulse"},
        ),
        displacement=report(
            f"{RESULTS}/{{device}}/displacement.svg",
            caption="../workflow/captions/response.rst",
            category="2 Passing curve",
            labels={"device": "{device}", "figure": "displacement by pulses"},
        ),
    log:
        f"{RESULTS}/{{device}}/logs/response.log",
    wildcard_constraints:
        device=pattern_of(TRACKS),
    conda:
        "../workflow/environment.yaml"
    threads: 1
    params:
        rp_ohm=lambda w: STUDY.devices[w.device].junction.rp_ohm,
        tmr=lambda w: STUDY.devices[w.device].junction.tmr,
        seed=STUDY.seed,
    shell:
        "python -m fitting response {input.pulses:q} --track {input.track:q} "
        "--rp-ohm {params.rp_ohm} --tmr {params.tmr} --seed {params.seed} "
        '--out "$(dirname {output.response:q})" > {log:q} 2> >(logged -a {log:q})'
