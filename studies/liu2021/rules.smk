"""The synapses and networks of Liu et al. 2021, on request: target paper-liu2021.

Pulses are shipped; networks are trained, for half an hour on two cores.
"""

LIU_PULSES = Path(shipped_folder("studies/liu2021/shipped"))
LIU_PULSE_FILES = [
    *sorted(LIU_PULSES.glob("*/pulses.csv")),
    *sorted(LIU_PULSES.glob("*/track.json")),
    *sorted(LIU_PULSES.glob("map-*/device.yaml")),
    *sorted(LIU_PULSES.glob("step-*/device.yaml")),
    LIU_PULSES / "drift.csv",
    LIU_PULSES / "trains.csv",
    LIU_PULSES / "retention.json",
]
LIU_LEARNING = {
    "fig5a": "5a MNIST",
    "fig5b": "5b Fashion-MNIST",
    "fig5c": "5c continuous synapses",
    "fig5d": "5d 32 levels, periodic carry",
    "fig5e": "5e numbers of levels",
    "noise": "other noise",
    "better-mnist": "better methods, MNIST",
    "better-fashion": "better methods, Fashion-MNIST",
}
LIU_FIGURES = {
    "2a": "2a walls without a current",
    "2b": "2b walls pushed by trains of pulses",
    "2c": "2c notches 30 and 50 nm apart",
    "2d": "2d ramps",
    "2e": "2e displacement against duration",
    "3a-stt-300": "3a STT at 300 K",
    "3a-stt-400": "3a STT at 400 K",
    "3a-stt-400-ramps": "3a STT at 400 K, ramps",
    "3a-sot-300": "3a SOT at 300 K",
    "3a-sot-400": "3a SOT at 400 K",
    "3a-published-stt": "3a STT, published table",
    "3a-published-sot": "3a SOT, published table",
}


rule:
    name:
        "figures-liu2021"
    input:
        LIU_PULSE_FILES,
    output:
        figures=[
            report(
                f"{RESULTS}/liu2021/fig{name}.svg",
                caption="../../workflow/captions/paper-liu2021.rst",
                category="6 Tracks of Liu et al. 2021",
                labels={"device": "liu2021", "figure": figure},
            )
            for name, figure in LIU_FIGURES.items()
        ],
        currents=report(
            f"{RESULTS}/liu2021/sot-currents.svg",
            caption="../../workflow/captions/paper-liu2021.rst",
            category="6 Tracks of Liu et al. 2021",
            labels={"device": "liu2021", "figure": "SOT against current"},
        ),
        designs=report(
            f"{RESULTS}/liu2021/design-map.svg",
            caption="../../workflow/captions/paper-liu2021.rst",
            category="6 Tracks of Liu et al. 2021",
            labels={
                "device": "liu2021",
                "figure": "one pulse against the design of the track",
            },
        ),
        numbers=f"{RESULTS}/liu2021/paper.json",
    log:
        f"{RESULTS}/liu2021/paper.log",
    conda:
        "../../workflow/environment.yaml"
    threads: 1
    params:
        pulses=LIU_PULSES,
    shell:
        "python -m studies.liu2021 figures --pulses {params.pulses:q} "
        '--out "$(dirname {output.numbers:q})" > {log:q} 2> >(logged -a {log:q})'


rule:
    name:
        "learn-liu2021"
    input:
        LIU_PULSE_FILES,
    output:
        figures=[
            report(
                f"{RESULTS}/liu2021/learning/{name}.svg",
                caption="../../workflow/captions/learn-liu2021.rst",
                category="6 Tracks of Liu et al. 2021",
                labels={"device": "liu2021", "figure": figure},
            )
            for name, figure in LIU_LEARNING.items()
        ],
        numbers=f"{RESULTS}/liu2021/learning/learning.json",
    log:
        f"{RESULTS}/liu2021/learning.log",
    conda:
        "../../workflow/environment.yaml"
    threads: 8
    params:
        pulses=LIU_PULSES,
    shell:
        "python -m studies.liu2021 learn --pulses {params.pulses:q} --threads {threads} "
        '--out "$(dirname {output.numbers:q})" > {log:q} 2> >(logged -a {log:q})'


rule:
    name:
        "paper-liu2021"
    input:
        f"{RESULTS}/liu2021/paper.json",
        f"{RESULTS}/liu2021/learning/learning.json",
