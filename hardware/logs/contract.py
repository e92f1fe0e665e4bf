"""The columns of an inference log, and what a read may be."""

from collections.abc import Hashable
from typing import Any

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.tables.declared_table import Column, Table

LOG = Table(
    kind="inference-log",
    version=1,
    columns=(
        Column("image", "integer", low=0),
        Column("out", "integer", low=0),
        Column("in", "integer", low=0),
        Column("read", "integer", low=0),
        Column("field_set_mT", "float", low=0, high=MAX_FIELD_MT),
        # What a probe measured may be negative: whether it fits is tested, not assumed.
        Column(
            "field_measured_mT",
            "float",
            low=-MAX_FIELD_MT,
            high=MAX_FIELD_MT,
            required=False,
            remedy="check the unit and the calibration of the probe, or leave the column out: the "
            "fields set then count",
        ),
        Column("outcome", "text"),
        Column("timestamp_s", "float", required=False),
    ),
)
ORDER = ["image", "read", "out", "in"]
FORMAT: dict[Hashable, Any] = {"format": f"dwsynapse-{LOG.kind}", "format_version": LOG.version}
PINNED, PASSED, UNDECIDED = 0, 1, 2
"""Outcomes of reads in memory; undecided ones are counted and dropped by the checks."""
