"""What accuracies cost: reads, early exit, the choice of the cheapest, and the spread over devices.

Seeds are fixed, so no test fails by chance on unchanged code; where a right change of the streams
may fail a comparison, the probability is given there.
"""

import json
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, norm
from scipy.stats import t as student
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study import Plan
from network import trained_model
from network.cli import app
from network.cost.cheapest_network import plan
from network.cost.device_spread import Inference, spreads
from network.cost.early_exit import KNOWS, TILTS, EarlyExit
from network.cost.growing_sums import growing_sums
from network.cost.inference_cost import Cost
from network.cost.trade_offs import interval
from network.images.prepared_images import PIXELS, Images
from network.trained_model import ExportedNetwork, TrainedModel, TrainingRecord
from tests.network.small_images import make_device

ACTIVE = 12  # inputs of an image, all of its class's own
DEVICE = make_device(floor=0.01)
SETTINGS = Plan(
    reads_test=(1, 2, 4, 8, 16), spread_devices=3, wire_place_sd_mT=(0.0, 1.0), images=3000
)


def make_images(n=3000):
    """Return images of two classes, which share no pixel."""
    labels = np.arange(n) % 2
    pixels = np.zeros((n, PIXELS[0]), np.uint8)
    for label in (0, 1):
        pixels[labels == label, label * ACTIVE : (label + 1) * ACTIVE] = 1
    return Images(pixels[:2], labels[:2], pixels, labels)


def make_network(own, other, reads_train):
    """Return a network whose neurons pass their own class's inputs and the other's so likely."""
    f = np.full((2, PIXELS[0]), other)
    for label in (0, 1):
        f[label, label * ACTIVE : (label + 1) * ACTIVE] = own
    fields_mT = np.vectorize(DEVICE.curve.field_mT)(f)
    record = TrainingRecord(0.001, 1, True, (1.0,))
    return ExportedNetwork("stochastic", reads_train, fields_mT, np.zeros(2), record)


def make_model(*networks, number=0, device_sha256=""):
    return TrainedModel("toy", device_sha256, number, 1, networks)


def exact_accuracy(own, other, reads):
    """Return the chance that the right sum is larger; of equal sums the first class's counts."""
    n = ACTIVE * reads
    counts = np.arange(n + 1)
    ahead = np.sum(binom.pmf(counts, n, own) * binom.cdf(counts - 1, n, other))
    equal = np.sum(binom.pmf(counts, n, own) * binom.pmf(counts, n, other))
    return ahead + equal / 2


def test_cost_is_reads_by_rate_and_energy():
    cost = Cost(reads_per_s=50, energy_per_read_J=3e-7, wires=4)
    assert cost.of(1000) == {"reads": 1000, "time_s": 5.0, "energy_J": pytest.approx(3e-4)}
    # Section 4.2 of the paper: 30 V for 100 ns over 290 ohm.
    assert Plan().energy_per_read_J == pytest.approx(30**2 / 290 * 100e-9, rel=2e-3)


def test_an_interval_covers_other_images_and_other_models():
    one = np.array([[1.0, 0.0, 1.0, 1.0]])
    mean, low, high = interval(one)
    assert mean == 0.75
    assert high - mean == pytest.approx(mean - low)
    assert high - mean == pytest.approx(norm.ppf(0.975) * 0.5 / 2)
    three = np.array([[1.0, 1.0], [0.0, 0.0], [0.5, 0.5]])  # images are alike, models are not
    mean, low, high = interval(three)
    assert high - mean == pytest.approx(student.ppf(0.975, 2) * 0.5 / np.sqrt(3))


@pytest.mark.parametrize("reads_test", [(), (2, 1), (1, 1)])
def test_reads_must_rise(reads_test):
    with pytest.raises(InputError, match="rising order"):
        Plan(reads_test=reads_test)


def test_sums_grow_by_passes_of_the_right_chance():
    images, network = make_images(2000), make_network(0.7, 0.2, 1)
    f = DEVICE.curve.probability(network.fields_mT)
    reads = (1, 3, 10)
    sums = growing_sums(make_model(network), network, f, images.test_pixels, reads)
    grown = np.diff(sums, axis=0, prepend=0)
    assert (grown >= 0).all()
    assert (grown.max(axis=(1, 2)) <= ACTIVE * np.diff(reads, prepend=0)).all()
    for label, p in enumerate((0.7, 0.2)):
        first = sums[:, images.test_labels == 0, label].mean(axis=1)
        error = np.sqrt(ACTIVE * np.array(reads) * p * (1 - p) / 1000)
        assert (abs(first - ACTIVE * np.array(reads) * p) < 5 * error).all()  # 6e-7 each


@pytest.mark.parametrize("knows", KNOWS)
def test_evidence_against_the_better_class_is_a_supermartingale(knows):
    """Sum over all outcomes of one pass of two neurons with equal means."""
    f = np.array([[0.1, 0.5, 0.9], [0.9, 0.1, 0.5]])
    test = EarlyExit(f, np.zeros(2), np.ones((1, 3), np.uint8), knows)
    expected = np.zeros(len(TILTS))
    for outcome in product((0, 1), repeat=6):
        x = np.array(outcome).reshape(2, 3)
        chance = np.prod(np.where(x, f, 1 - f))
        lead = x[0].sum() - x[1].sum()
        expected += chance * np.exp(TILTS * lead - test.up[0, 0] - test.down[0, 1])
    if knows == "curve":
        np.testing.assert_allclose(expected, 1, rtol=1e-12)
    else:
        assert (expected <= 1).all()
        assert (expected > 0.1).all()


def test_early_exit_follows_the_formula_class_by_class():
    rng = np.random.default_rng(4)
    f, biases = rng.uniform(0.1, 0.9, (4, 30)), rng.normal(size=4)
    pixels = (rng.random((40, 30)) < 0.5).astype(np.uint8)
    reads, risk = (1, 2, 5, 9), 0.3
    sums = np.cumsum(rng.binomial(pixels.sum(1, dtype=int)[:, None], 0.5, (4, 40, 4)), axis=0)
    test = EarlyExit(f, biases, pixels, "curve")
    found = test.decide(sums.astype(float), reads, risk)
    ended_at = set()
    for b, x in enumerate(pixels):
        alive, spent = [0, 1, 2, 3], 0
        for look, (before, k) in enumerate(zip((0, *reads), reads, strict=False)):
            if len(alive) > 1:
                spent += (k - before) * len(alive) * x.sum()
                score = sums[look, b] + k * biases
                best = max(alive, key=lambda i: score[i])
                for i in [i for i in alive if i != best]:
                    c = [
                        x @ np.log(1 - p + p * np.exp(t)) - t * (x @ p)
                        for p, sign in ((f[best], 1), (f[i], -1))
                        for t in sign * TILTS
                    ]
                    c = np.reshape(c, (2, -1)).sum(axis=0)
                    if np.mean(np.exp(TILTS * (score[best] - score[i]) - k * c)) >= 3 / risk:
                        alive.remove(i)
            expected = best, spent, len(alive) > 1
            at = found.classes[look, b], found.reads[look, b], found.open[look, b]
            assert at == expected
            ended_at.add((look, len(alive)))
    assert {(0, 4), (3, 1), (3, 2)} <= ended_at  # the case holds early, late and no decisions


@pytest.mark.parametrize("knows", KNOWS)
def test_early_exit_errs_less_often_than_its_risk(knows):
    """Two classes whose means hardly differ, looked at after every one of 200 passes.

    About 0.07 of 3000 images err, with a standard error of 0.005: with other random numbers the
    test fails with a probability below 1e-20. One that stops too seldom to err at all fails too.
    """
    network, risk = make_network(0.505, 0.5, 1), 0.2
    f = DEVICE.curve.probability(network.fields_mT)
    pixels = make_images(3000).test_pixels
    reads = range(1, 201)
    sums = growing_sums(make_model(network), network, f, pixels, reads)
    found = EarlyExit(f, network.biases, pixels, knows).decide(sums, reads, risk)
    unlimited = network.predictions(pixels @ f.T)
    wrong = (~found.open & (found.classes != unlimited)).mean(axis=1)
    assert 0.02 < wrong[-1] < risk
    assert (found.reads[-1] <= 2 * ACTIVE * 200).all()


def test_the_plan_finds_the_fewest_reads_that_suffice():
    """Accuracies are over five standard errors from the accuracy wanted: false alarm 6e-7 each."""
    own, other, wanted = 0.6, 0.4, 0.95
    exact = {k: exact_accuracy(own, other, k) for k in SETTINGS.reads_test}
    assert [k for k, share in exact.items() if share > wanted + 0.02] == [4, 8, 16]
    assert exact[2] < wanted - 0.02
    models = [make_model(make_network(own, other, 8), number=n) for n in (0, 1)]
    settings = SETTINGS.model_copy(update={"accuracy": wanted})
    found = plan(models, DEVICE, make_images(), settings, reads_per_s=50)
    for row in found["fixed"]:
        p = exact[row["reads_test"]]
        assert abs(row["accuracy"] - p) < 5 * np.sqrt(p * (1 - p) / 6000) + 1e-12
    fixed = found["choices"]["fixed"]
    assert (fixed["rule"], fixed["reads_train"], fixed["reads_test"]) == ("stochastic", 8, 4)
    assert fixed["reads"] == 4 * 2 * ACTIVE
    assert fixed["time_s"] == pytest.approx(96 / 50)
    assert fixed["energy_J"] == pytest.approx(96 * SETTINGS.energy_per_read_J)
    early = found["choices"]["early_curve"]
    assert early["reads"] < fixed["reads"]
    assert early["accuracy"] >= wanted
    for row in found["early_exit"]:
        assert row["wrong_exit"] <= row["risk"]
        assert row["reads_low"] <= row["reads"] <= row["reads_high"]


def test_a_sharper_network_is_cheaper_and_none_is_reported_where_there_is_none():
    networks = make_network(0.6, 0.4, 8), make_network(0.9, 0.1, 1)
    settings = SETTINGS.model_copy(update={"accuracy": 0.95})
    found = plan([make_model(*networks)], DEVICE, make_images(), settings, 50)["choices"]
    assert (found["fixed"]["reads_train"], found["fixed"]["reads_test"]) == (1, 1)
    hard = make_model(make_network(0.55, 0.5, 8))
    with pytest.raises(
        InputError,
        match=r"^--accuracy \(plan\.accuracy\): no network reaches 95\.00%.*"
        r"trained with 8 reads, tested with 16 reads: 8",
    ):
        plan([hard], DEVICE, make_images(), settings, 50)
    unsaid = plan([hard], DEVICE, make_images(), SETTINGS, 50)
    best = max(row["accuracy"] for row in unsaid["fixed"])
    assert unsaid["wanted"] == pytest.approx(best - 0.01)


def test_a_spread_of_zero_leaves_the_randomness_of_the_reads():
    images, network = make_images(500), make_network(0.6, 0.4, 1)
    values = list(DEVICE.curve.values().values())
    device = make_device(floor=0.01, draws=np.array([values] * 20))
    inference = Inference(make_model(network), network, 2, images.test_pixels, images.test_labels)
    reads, curve, same, far = spreads(inference, device, 20, (0.0, 1.0), 0.0)
    assert [row["cause"] for row in (reads, curve, same, far)] == ["reads", "curve", *["wires"] * 2]
    assert len(set(reads["accuracies"])) > 1
    assert curve["accuracies"] == same["accuracies"] == reads["accuracies"]
    assert far["sd"] > 2 * reads["sd"]
    assert reads["low"] <= reads["mean"] <= reads["high"]


def invoke(folder, *options):
    make_images(400).write(folder / "images.npz")
    model = folder / "model0.json"
    networks = make_network(0.6, 0.4, 8), make_network(0.9, 0.1, 1)
    trained_model.write(model, make_model(*networks, device_sha256=sha256(folder / "device.json")))
    (folder / "plan.yaml").write_text(
        "{spread_devices: 3, wire_place_sd_mT: [0.2], reads_test: [1, 2, 4, 8]}"
    )
    words = [*("plan", model, "--device", folder / "device.json", "--config", folder / "plan.yaml")]
    words += ["--images", folder / "images.npz", "--out", folder / "out", *options]
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_command_writes_tables_and_figures_and_says_what_is_not_known(tmp_path):
    DEVICE.write(tmp_path / "device.json")
    output = invoke(tmp_path, "--accuracy", 0.9, "--reads-per-s", 25).output
    assert "to reach 90.00\u00a0%" in output
    # Of 404 images, two of them added as wrong: 0.99505 - 1.96 sqrt(0.99505 x 0.00495 / 403).
    assert (
        "trained with 1 read, tested with 1 read: 100.00 % [98.82 %, 100.00 %]"
        in output.replace("\u00a0", " ")
    )
    content = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert content["choices"]["fixed"]["time_s"] == pytest.approx(2 * ACTIVE / 25)
    assert sha256(tmp_path / "device.json") in content["provenance"]["inputs"].values()
    assert "field" in content["energy_does_not_include"]
    for text in (output, (tmp_path / "out" / "plan.html").read_text()):
        assert "toy has no posterior draws (its intervals are: rounding)" in text
    assert "no posterior draws" in (tmp_path / "out" / "spread.svg").read_text()
    assert "early exit: stochastic" in (tmp_path / "out" / "trade-offs.svg").read_text()


def test_the_command_writes_nothing_where_no_network_suffices(tmp_path):
    make_device(floor=0.9).write(tmp_path / "device.json")
    with pytest.raises(InputError, match=r"no network reaches 99\.90% .*; the best is stochastic"):
        invoke(tmp_path, "--accuracy", 0.999)
    assert not (tmp_path / "out").exists()
