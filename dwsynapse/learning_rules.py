"""The rules by which networks learn, each registered once in `RULES` for all rooms.

Files, the study and the command line name a rule by its name; reports and figures take its label,
colour and line from here, and the network room its trainer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LearningRule:
    """How networks of a rule learn, what they are, and how they are shown.

    Parameters
    ----------
    name
        In files, the study and the command line; lower case, with dashes.
    label, colour, line
        What reports and figures call it, and how they draw it (colour ``#rrggbb`` and line style of
        matplotlib).
    trainer
        Name of the module in `network/training/rules` whose function ``train`` trains one network.
        None is for the networks that `network.training.trainer` trains together.
    one_read
        Whether its `trainer` is for one read per synapse only. The study asks for such a rule in
        ``network.one_read``, for all others in ``network.rules``, with every number of reads.
    sampled
        Whether outputs are sums of reads. A network that is sampled runs on the device. One that is
        not has unlimited reads, and is always trained, for comparison.
    plain
        Whether it has plain weights instead of a device's synapses.
    through_spread
        Whether its gradient also follows the spread of the outputs (`network.synapses.equations`).
    mixes_sums
        Whether the computer mixes the outputs by a matrix before it decides, which the trained
        model and the device program then hold.
    hidden
        Whether its networks have hidden layers, whose widths the study gives in ``network.hidden``;
        it is then trained with every number of reads.
    cross_entropy
        Whether its validation loss is the cross-entropy of the reads, as that of the others.
    """

    name: str
    label: str
    colour: str
    line: str = "--"
    trainer: str | None = None
    one_read: bool = False
    sampled: bool = True
    plain: bool = False
    through_spread: bool = False
    mixes_sums: bool = False
    hidden: bool = False
    cross_entropy: bool = True


ON_DEVICE = "stochastic"
"""The rule whose networks run on the device where none other is named; every study has it."""
HIDDEN = "hidden-layers"
"""The rule of networks with hidden layers."""

_REGISTERED = (
    LearningRule(ON_DEVICE, "stochastic rule", "#0b6e4f", "-", through_spread=True),
    LearningRule("mean-field", "mean-field rule", "#d1791b"),
    LearningRule(
        "mean-field-limit", "mean-field limit (unlimited reads)", "#555555", "-.", sampled=False
    ),
    LearningRule("perceptron", "ordinary perceptron", "#8a2be2", sampled=False, plain=True),
    LearningRule(
        "win-probability",
        "probability of winning (one read)",
        "#1f3b73",
        trainer="win_probability_rule",
        one_read=True,
        cross_entropy=False,
    ),
    LearningRule(
        "mixed-sums",
        "sums mixed by the computer (one read)",
        "#2c7fb8",
        trainer="mixed_sums_rule",
        one_read=True,
        mixes_sums=True,
    ),
    LearningRule(
        HIDDEN,
        "hidden layers",
        "#b03a5b",
        "-",
        trainer="hidden_layers_rule",
        through_spread=True,
        hidden=True,
    ),
)
RULES = {rule.name: rule for rule in _REGISTERED}


def rules_for_any_reads() -> tuple[str, ...]:
    """Return the names of the rules for any number of reads."""
    return tuple(rule.name for rule in RULES.values() if rule.sampled and not rule.one_read)


def rules_of_one_layer() -> tuple[str, ...]:
    """Return those of them whose networks have no hidden layers."""
    return tuple(name for name in rules_for_any_reads() if not RULES[name].hidden)


def rules_for_one_read() -> tuple[str, ...]:
    """Return the names of the rules for one read per synapse only."""
    return tuple(rule.name for rule in RULES.values() if rule.one_read)


def rules_on_the_device() -> tuple[str, ...]:
    """Return the names of the rules whose networks are read on the device."""
    return tuple(rule.name for rule in RULES.values() if rule.sampled)


def rules_without_sampling() -> tuple[str, ...]:
    """Return the names of the limits that sampled networks are compared with."""
    return tuple(rule.name for rule in RULES.values() if not rule.sampled)
