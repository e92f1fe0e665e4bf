"""What several files of tests of the workflow share."""

import pytest

from tests.workflow.small_study import results, run, write_study


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Run the small study as it is meant to, and return its folder."""
    folder = write_study(tmp_path_factory.mktemp("undisturbed") / "study")
    run(folder)
    return folder


@pytest.fixture(scope="session")
def undisturbed_results(undisturbed):
    """Return the content of what an undisturbed run makes, without speeds."""
    return results(undisturbed / "results", speeds=False)
