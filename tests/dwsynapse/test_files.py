"""Files that pass between the rooms: where they say they come from."""

import subprocess
from pathlib import Path

import pytest

from dwsynapse.io import files


def git(folder, *words):
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """Return a git repository with one commit."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    return tmp_path


def copied(folder):
    """Copy the module to its place in an installation below a folder."""
    place = folder / "dwsynapse" / "io" / "files.py"
    place.parent.mkdir(parents=True)
    place.write_text(Path(files.__file__).read_text())
    return place


@pytest.mark.parametrize("below", ["", ".venv/lib/site-packages"])
def test_an_installation_within_another_repository_reports_no_commit(repository, below):
    assert files.commit_of(copied(repository / below)) is None


def test_nothing_around_reports_no_commit(tmp_path):
    assert files.commit_of(copied(tmp_path)) is None


def test_a_committed_installation_elsewhere_in_a_repository_reports_no_commit(repository):
    place = copied(repository / "vendored")
    git(repository, "add", "--force", ".")
    git(repository, "commit", "-q", "-m", "with a copy")
    assert files.commit_of(place) is None


def test_a_checkout_reports_its_commit_and_whether_it_was_changed(repository):
    place = copied(repository)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "ours")
    commit = git(repository, "rev-parse", "--short=12", "HEAD")
    assert files.commit_of(place) == commit
    place.write_text("")
    assert files.commit_of(place) == f"{commit}-dirty"
