"""The config, cut into the blocks that single stages read.

Changing a setting changes one block, which redoes the stages that read it and what follows.
"""

IMAGE_KEYS = {"dataset", "image_side_px", "images_folder"}
GREY_IMAGE_KEYS = {"dataset", "images_folder"}
PAPER_BLOCK = "config/paper.yaml"
# By their path in the folder of results.
BLOCKS = {
    "config/images.yaml": block_text(STUDY.network, include=IMAGE_KEYS),
    # More models, devices to compare with or networks to run do not affect existing results.
    "config/network.yaml": block_text(STUDY.network, exclude=IMAGE_KEYS | {"models"}),
    PAPER_BLOCK: block_text(
        STUDY.paper.training(STUDY.network), exclude=IMAGE_KEYS | {"models"}
    ),
    "config/grey-images.yaml": block_text(STUDY.crossbar, include=GREY_IMAGE_KEYS),
    "config/crossbar.yaml": block_text(
        STUDY.crossbar, exclude={"models", "images_folder"}
    ),
    "config/plan.yaml": block_text(STUDY.plan),
    "config/hardware.yaml": block_text(
        STUDY.hardware, exclude={"compare_with", "reads_train", "crossbars"}
    ),
}
for name, device in STUDY.devices.items():
    folder = f"{name}/config"
    if name in TRACKS:
        # Nor does what the pulses are read with, or paid for.
        BLOCKS[f"{folder}/device.yaml"] = block_text(device, exclude=ELSEWHERE_OF_TRACK)
        if DRIVE_OF[name]:
            BLOCKS[f"{folder}/fitting.yaml"] = block_text(STUDY.fitting_of(name))
        continue
    if device.source != "measurement":
        # More rounds, or another number of batches, do not affect existing trials.
        BLOCKS[f"{folder}/device.yaml"] = block_text(device, exclude=ELSEWHERE)
    if device.source != "published":
        BLOCKS[f"{folder}/fitting.yaml"] = block_text(STUDY.fitting_of(name))
    if device.source == "simulation" and not device.shipped:
        BLOCKS[f"{folder}/sampling.yaml"] = block_text(
            device.sampling, include=FIRST_ROUND
        )
        BLOCKS[f"{folder}/later-rounds.yaml"] = block_text(
            device.sampling, include=LATER_ROUNDS
        )


rule config_block:
    output:
        f"{RESULTS}/{{block}}",
    log:
        f"{RESULTS}/logs/{{block}}.log",
    wildcard_constraints:
        block="|".join(map(re.escape, BLOCKS)),
    # Everything begins with them.
    priority: 20
    conda:
        "../workflow/environment.yaml"
    params:
        text=lambda wildcards: BLOCKS[wildcards.block],
        record=lambda wildcards: record_of_text(
            BLOCKS[wildcards.block], "snakemake: a part of the study"
        ),
        at=lambda wildcards, output: str(record_of(output[0])),
    # A command that takes longer than clocks differ: Snakemake records no start of a run directive, and
    # the negative runtime empties the report's page of statistics.
    shell:
        "rm -f {params.at:q}; sleep 0.05; printf %s {params.text:q} > {output:q} 2> {log:q}; "
        'mkdir -p "$(dirname {params.at:q})"; printf %s {params.record:q} > {params.at:q}'
