"""Some damaged inputs of `tests.hardware.logs.mutated_inputs`: a result or one clear line."""

import pytest

from tests.hardware.logs.mutated_inputs import outcome_of

ONCE_WRONG = (4, 70, 97, 121, 156, 189)
"""Numbers that once ended in a traceback or a warning."""


@pytest.mark.parametrize("number", [*ONCE_WRONG, *range(1000, 1025)])
def test_damaged_inputs_end_in_a_result_or_one_clear_line(number):
    what, ended = outcome_of(number)
    for end in ended.values():
        assert end.startswith(("line: ", "a result")), what
