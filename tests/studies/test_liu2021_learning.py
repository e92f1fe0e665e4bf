"""The networks of Fig. 5 of Liu et al. 2021: what is trained, and what is said of accuracies."""

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from network.images.grey_images import GreyImages
from studies.claims_of_papers import FAILS, HOLDS, UNDECIDED
from studies.liu2021.cli import app
from studies.liu2021.learning import learning_claims
from studies.liu2021.learning.all_learning import conditions
from studies.liu2021.learning.conditions import FULL, SHORT, Condition, Length
from studies.liu2021.learning.figure_5 import BEST_RATE, FASHION, SAME_RATE, continuous, notched
from studies.liu2021.learning.results import difference, mean_of
from studies.liu2021.learning.synapses import PUBLISHED, of, synapses
from studies.liu2021.learning.train_conditions import Trainer
from studies.liu2021.pulse_sets import SHIPPED


@pytest.fixture(scope="module")
def tables():
    return {name: found.table for name, found in synapses(SHIPPED).items()}


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 400)
    pixels = (rng.random((10, 784)) < 0.2)[labels] * np.uint8(200)
    return GreyImages(pixels[:300], labels[:300], pixels[300:], labels[300:])


def test_every_network_has_settings_and_a_file_of_its_own(tables):
    wanted = conditions(list(tables))
    assert len({condition.name for condition in wanted}) == len(wanted) > 50
    assert {condition.crossbar(FULL).epochs for condition in wanted} == {20}
    assert all(c.synapse is None or c.synapse in tables for c in wanted)


def test_networks_are_kept_and_trained_again_only_for_other_code(tmp_path, tables, images):
    length = Length(epochs=2, training_images=100, models=2)
    small = Condition(
        FASHION,
        of(PUBLISHED, "stt"),
        0.05,
        32,
        settings=(("hidden", (5,)), ("validation_images", 100)),
    )
    trainer = Trainer(tmp_path, {FASHION: images}, tables, length, "code")
    with pytest.raises(InputError, match="not trained yet"):
        trainer.accuracies(small)
    trainer.train([small, small])
    found = trainer.accuracies(small)
    assert found.shape == (2, 2)
    times = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    trainer.train([small], threads=2)
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())] == times
    other = replace(trainer, code="other")
    with pytest.raises(InputError, match="run the training first"):
        other.accuracies(small)


def test_full_training_and_the_short_one_do_not_replace_each_other(tmp_path, monkeypatch):
    def make(trainer, out, threads):
        places.append((trainer.folder.name, trainer.length))
        return {"claims": []}

    places: list[tuple[str, Length]] = []
    monkeypatch.setattr("studies.liu2021.learning.all_learning.make", make)
    monkeypatch.setattr("studies.liu2021.learning.synapses.synapses", lambda folder: {})
    monkeypatch.setattr("network.images.downloads.obtain", lambda *_: None)
    monkeypatch.setattr("network.images.grey_images.prepare_grey", lambda _: None)
    for words in ([], ["--full"]):
        CliRunner().invoke(app, ["learn", "--out", str(tmp_path), *words], catch_exceptions=False)
    assert places == [("networks", SHORT), ("networks-full", FULL)]


def test_differences_are_of_pairs_of_networks():
    """A common level of both cancels."""
    level = np.array([[0.5], [0.6], [0.9]])
    assert difference(level + 0.1, level).low == pytest.approx(0.1)
    assert mean_of(np.array([0.3])).low is None


def accuracies_of(sot, stt, stt_best):
    """Return accuracies by condition: three networks that differ a little."""
    spread = np.array([[-0.004], [0.0], [0.004]])
    known = {
        notched(FASHION, of(PUBLISHED, "sot"), SAME_RATE): sot,
        notched(FASHION, of(PUBLISHED, "stt"), SAME_RATE): stt,
        notched(FASHION, of(PUBLISHED, "stt")): stt_best,
    }
    return lambda condition: known.get(condition, 0.8) + spread


@pytest.mark.parametrize(
    ("sot", "stt", "verdict"),
    [(0.72, 0.10, HOLDS), (0.72, 0.50, FAILS), (0.30, 0.10, FAILS), (0.665, 0.10, UNDECIDED)],
)
def test_the_headline_holds_where_both_accuracies_are_those_of_the_paper(sot, stt, verdict):
    found = learning_claims.headline(PUBLISHED, accuracies_of(sot, stt, 0.6))
    assert found["verdict"] == verdict


def test_claims_follow_from_differences():
    claims = learning_claims.claims_of(PUBLISHED, accuracies_of(0.72, 0.10, 0.6))
    verdicts = {c["claim"].split(" (")[0]: c["verdict"] for c in claims}
    assert verdicts["continuous STT is close to ideal updates"] == HOLDS
    assert verdicts["continuous STT beats SOT"] == FAILS  # no difference is no gain
    assert verdicts["a higher rate helps STT, still below SOT"] == HOLDS
    assert verdicts["periodic carry recovers a part"] == HOLDS


def test_the_paper_trains_ten_times_as_long():
    assert FULL.epochs * FULL.training_images == 10 * SHORT.epochs * SHORT.training_images
    assert continuous(FASHION, None).rate == BEST_RATE[FASHION]
