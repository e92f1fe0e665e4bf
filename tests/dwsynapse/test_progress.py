"""Progress is shown often in a terminal, and rarely elsewhere."""

from io import StringIO

import pytest

from dwsynapse.io import progress_bars
from dwsynapse.io.progress_bars import progress_bar


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "all_are_shown"), [(StringIO, False), (Terminal, True)])
def test_a_log_has_the_beginning_and_the_end(monkeypatch, stream, all_are_shown):
    # Terminals wait a moment between updates as well; without it, each one shows.
    monkeypatch.setattr(progress_bars, "TERMINAL_S", 0.0)
    monkeypatch.setattr("sys.stderr", stream())
    with progress_bar(total=300, unit="trial") as bar:
        for number in range(300):
            bar.set_postfix_str(f"{number} so far", refresh=False)
            bar.update()
        shown = bar.fp.getvalue()
    whole = bar.fp.getvalue()
    assert ("150/300" in shown) == all_are_shown
    assert (shown.count("\r") >= 300) == all_are_shown
    assert whole.count("\r") <= 3 or all_are_shown
    assert "300/300" in whole
