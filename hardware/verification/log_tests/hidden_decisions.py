"""Test of the log: whether hidden neurons injected walls as their reads decide."""

from dwsynapse.io.number_format import MIN_P_VALUE
from hardware.layer_inputs import LayerInputs
from hardware.verification.log_tests.result import LogResult


def hidden_decisions(found: LayerInputs) -> LogResult:
    """Compare what was read of hidden neurons with what the reads before decide.

    A decision follows from the reads, so that one that differs is certainly a fault: of the bench's
    computer, or of a log whose outcomes are not those that it decided from. Neurons whose missing
    or undecided reads could decide either way do not count.

    Parameters
    ----------
    found
        The inputs of the layers in the log.
    """
    n = int(found.decided.sum())
    share = float(found.contrary.sum() / max(n, 1))
    return LogResult(
        test="hidden neurons",
        question="d",
        weight=0.01,
        statistic=share,
        statistic_meaning="share of decisions that are not those of the reads before",
        p_value=MIN_P_VALUE if share else 1.0,
        p_value_method="certain: decisions follow from the outcomes",
        effect_size=share,
        effect_meaning="share of hidden neurons that were read, or not, against their reads",
        n=n,
    )
