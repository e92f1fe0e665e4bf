"""The trials that a ledger finds in its folder, and what it reads for that."""

import pytest

from dwsynapse.io.replacing import keep_aside
from dwsynapse.io.tables.declared_table import Table
from micromag.trials import ledger
from micromag.trials.ledger import Ledger
from micromag.trials.referee import Result, Trial, Verdict

ORIGIN = {"code_version": "1", "config_sha256": "c", "seed": 1, "inputs": {}}


def batch(number, of=4):
    """Return every `of`-th of 12 trials at two fields."""
    return [Trial(7.5 + replica % 2, replica) for replica in range(12)][number - 1 :: of]


def finished(out, trials):
    ledger = Ledger(out, trials, "embedded", ORIGIN)
    for trial in trials:
        if trial.replica not in ledger.replicas:
            ledger.add(Result(trial, Verdict("passed", 1.0), 90.0))
    ledger.save()
    return ledger


@pytest.fixture
def read(monkeypatch):
    """Return the names of the tables that are read."""
    read_table, names = Table.read, []
    monkeypatch.setattr(
        Table, "read", lambda self, path: names.append(path.name) or read_table(self, path)
    )
    return names


def test_a_batch_reads_no_table_of_other_batches(tmp_path, read):
    for number in range(1, 5):
        finished(tmp_path / f"trials-{number}.csv", batch(number))
    assert read == []
    again = Ledger(tmp_path / "trials-3.csv", batch(3), "embedded", ORIGIN)
    assert read == ["trials-3.done.csv"]
    assert again.replicas == {2, 6, 10}


def test_another_split_reads_the_tables_that_have_its_trials(tmp_path, read):
    for number in range(1, 5):
        finished(tmp_path / f"trials-{number}.csv", batch(number))
    halves = Ledger(tmp_path / "halves-1.csv", batch(1, of=2), "embedded", ORIGIN)
    assert sorted(read) == ["trials-1.done.csv", "trials-3.done.csv"]
    assert halves.replicas == {0, 2, 4, 6, 8, 10}


def test_trials_of_another_origin_are_not_reused(tmp_path, read):
    finished(tmp_path / "trials-1.csv", batch(1))
    other = Ledger(tmp_path / "halves-1.csv", batch(1, of=2), "embedded", {**ORIGIN, "seed": 2})
    assert read == []
    assert other.replicas == set()


@pytest.mark.parametrize("at", ["_has_any", "identity"])
def test_a_table_that_its_own_job_keeps_aside_meanwhile_is_left_out(tmp_path, monkeypatch, at):
    """All jobs of a changed study begin at once: each keeps aside what it had."""
    finished(tmp_path / "trials-1.csv", batch(1))
    real = getattr(ledger, at)

    def meanwhile(*given):
        done = tmp_path / "trials-1.done.csv"
        if done.exists():
            keep_aside(done)
        return real(*given)

    monkeypatch.setattr(ledger, at, meanwhile)
    halves = Ledger(tmp_path / "halves-1.csv", batch(1, of=2), "embedded", ORIGIN)
    assert halves.replicas == set()
