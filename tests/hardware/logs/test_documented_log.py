"""The hand-made log and manifest of docs/hardware.md are read as it says."""

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.files import sha256
from hardware.log import read_log
from hardware.manifest import Manifest
from hardware.program import Program

DOCUMENT = Path(__file__).parents[3] / "docs" / "hardware.md"


def blocks(kind):
    text = DOCUMENT.read_text(encoding="utf-8").split("## The log", 1)[1]
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def test_the_log_of_the_document_is_read_with_its_manifest(tmp_path):
    program_text, log_text = blocks("csv")[:2]
    (manifest_text,) = blocks("json")
    fields = pd.read_csv(StringIO(program_text))
    fields_mT = fields["field_mT"].to_numpy().reshape(2, 3)
    program = Program(fields_mT, int(fields["reads"][0]), np.zeros(2), 1, 0, "0" * 64)
    program.write(tmp_path / "program.csv")
    (log := tmp_path / "my.csv").write_text(log_text)
    manifest_text = manifest_text.replace("PROGRAM", sha256(tmp_path / "program.csv"))
    (tmp_path / "manifest.json").write_text(manifest_text.replace("LOG", sha256(log)))
    manifest = Manifest.read(tmp_path / "manifest.json", tmp_path / "program.csv", log, reads=2)
    reads = read_log(log, program, np.array([[1, 0, 1]], np.uint8), **manifest.log_is)
    manifest.require_spread(reads, tmp_path / "manifest.json")
    assert json.loads(manifest_text)["synthetic"] is False
    assert len(reads) == 6
    assert (reads.attrs["undecided"], reads.attrs["missing"]) == (1, 2)
    assert reads["outcome"].tolist() == [1, 0, 1, 0, 0, 1]
    np.testing.assert_allclose(reads["field_set_mT"], [4.6, 4.2, 4.9, 4.6, 4.2, 4.9], rtol=1e-6)
    np.testing.assert_allclose(np.ptp(reads["timestamp_s"]), 0.12, atol=1e-6)
