"""A measured log of a network that ran on a device."""

from dwsynapse.study.block import Block, WorkflowPath


class InferenceLog(Block):
    """A log measured on the device with the program that the study made, and its manifest."""

    log: WorkflowPath
    """Path of the log (CSV, also .gz; Parquet, HDF5, Excel); see docs/hardware.md."""
    manifest: WorkflowPath
    """Path of its manifest, from `python -m hardware manifest`."""


Logs = dict[str, InferenceLog]
"""By the folder of the network: k1, k128 (reads it was trained with), or the name of its rule."""
