"""All networks of Fig. 5 and of what follows from it, trained, drawn and judged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studies.liu2021.learning import better_methods, learning_claims, noise
from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.figure_5 import (
    BEST_RATE,
    FASHION,
    MNIST,
    SAME_RATE,
    TITLES,
    Lines,
    accuracy_of_stt,
    against_levels,
    continuous,
    label,
    mechanisms,
    notched,
    with_carry,
)
from studies.liu2021.learning.learning_figures import (
    plot_epochs,
    plot_levels,
    plot_noise,
    table_of,
)
from studies.liu2021.learning.synapses import OURS, PUBLISHED
from studies.liu2021.learning.train_conditions import Trainer

FIGURES = "fig5a", "fig5b", "fig5c", "fig5d", "fig5e", "noise", "better-mnist", "better-fashion"


def tables_in_use(names: Sequence[str]) -> list[str]:
    """Return the responses with noise, 300 and 400 K, of those that there are."""
    return [name for name in names if not name.endswith("-0")]


def conditions(names: Sequence[str]) -> list[Condition]:
    """Return all networks to train, the paper's figures first.

    Parameters
    ----------
    names
        Of the responses.
    """
    used = tables_in_use(names)
    wanted = [*accuracy_of_stt(MNIST).values(), *accuracy_of_stt(FASHION).values()]
    for name in used:
        wanted += [continuous(FASHION, name), with_carry(FASHION, name)]
    for name in (name for name in used if name.endswith("-300")):
        wanted += [notched(FASHION, name, rate) for rate in (SAME_RATE, BEST_RATE[FASHION])]
        wanted += [continuous(MNIST, name)] if "-stt-" in name else []
    wanted += [one for line in against_levels().values() for one in line]
    for dataset in better_methods.DATASETS:
        wanted += better_methods.lines(dataset).values()
    wanted += [*noise.kinds_of_noise().values(), *noise.spreads().values()]
    return list(dict.fromkeys(wanted))


def make(trainer: Trainer, out: Path, threads: int) -> dict[str, Any]:
    """Train what is not trained yet, draw the figures, and return the claims and numbers.

    Parameters
    ----------
    trainer
        Knows the images and responses, and keeps accuracies.
    out
        Folder of the figures.
    threads
        Processor threads.
    """
    names = list(trainer.tables)
    trainer.train(conditions(names), threads)
    found, used = trainer.accuracies, tables_in_use(names)
    for number, dataset in (("5a", MNIST), ("5b", FASHION)):
        title = f"{TITLES[dataset]}, STT at 300 K, published table"
        plot_epochs(out / f"fig{number}.svg", title, accuracy_of_stt(dataset), found)
    with_levels = f"{TITLES[FASHION]}, 32 levels, periodic carry"
    plot_epochs(
        out / "fig5c.svg", f"{TITLES[FASHION]}, continuous", mechanisms(continuous, used), found
    )
    plot_epochs(out / "fig5d.svg", with_levels, mechanisms(with_carry, used), found)
    plot_levels(out / "fig5e.svg", found)
    plot_noise(out / "noise.svg", found)
    for name, dataset in (("mnist", MNIST), ("fashion", FASHION)):
        title = f"{TITLES[dataset]}, 32 levels, STT at 300 K, published table"
        plot_epochs(out / f"better-{name}.svg", title, better_methods.lines(dataset), found)
    claims = [
        *learning_claims.claims_of(PUBLISHED, found),
        *learning_claims.claims_of(OURS, found),
    ]
    if any(name.endswith("-400") for name in used):
        claims.append(learning_claims.alike_at_400_K(OURS, found))
    return {
        "length": vars(trainer.length),
        "claims": claims,
        "accuracies": {name: table_of(lines, found) for name, lines in _tables(used).items()},
    }


def _tables(used: Sequence[str]) -> dict[str, Lines]:
    """Return the lines whose accuracies are reported, by figure."""
    levels = {
        f"{name}, {condition.levels} levels": condition
        for name, line in against_levels().items()
        for condition in line
    }
    kinds = {
        f"{mechanism}, {kind}, {n} levels": condition
        for (mechanism, kind, n), condition in noise.kinds_of_noise().items()
    }
    factors = {
        f"{n} levels, spread x {factor:g}": condition
        for (n, factor), condition in noise.spreads().items()
    }
    notches = {
        f"{label(name)}, rate {rate:g}": notched(FASHION, name, rate)
        for name in used
        if name.endswith("-300")
        for rate in (SAME_RATE, BEST_RATE[FASHION])
    }
    return {
        "5a": accuracy_of_stt(MNIST),
        "5b": accuracy_of_stt(FASHION),
        "5c": mechanisms(continuous, used),
        "5d": mechanisms(with_carry, used),
        "5e": levels,
        "32 levels": notches,
        "noise": kinds | factors,
        "better, MNIST": better_methods.lines(MNIST),
        "better, Fashion-MNIST": better_methods.lines(FASHION),
    }
