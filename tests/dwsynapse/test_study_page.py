"""The page of the summary says of which network a log is."""

from dwsynapse.summary.study_page import _logs_badges


def test_each_log_is_named_by_the_reads_that_its_network_was_trained_with():
    log = {
        **{"reads_train": 128, "verdict": "consistent", "synthetic": False},
        **{"why": "no test fails", "quantisation": None},
    }
    cell = _logs_badges([log, log | {"reads_train": 1}])
    first, second = cell.split("<br>")
    assert first.startswith("K_train = 128: ")
    assert second.startswith("K_train = 1: ")
    assert _logs_badges([]) == "none"
