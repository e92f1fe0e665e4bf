"""Measured logs of what ran on a device."""

from dwsynapse.study.block import Block, GivenFile


class MeasuredLog(Block):
    """A log measured on the device with the program that the study made, and its manifest."""

    log: GivenFile
    """Path of the log (CSV, also .gz; Parquet, HDF5, Excel); see docs/hardware.md, of a crossbar's
    programming docs/crossbars.md (CSV, Parquet)."""
    manifest: GivenFile
    """Path of its manifest, from `python -m hardware manifest`; of a programming log, as in
    docs/crossbars.md."""


Logs = dict[str, MeasuredLog]
"""By the folder of the network: k1, k128 (reads it was trained with), or the name of its rule."""
