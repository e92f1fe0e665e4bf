"""Files that pass between the rooms: where they say they come from."""

import subprocess
from pathlib import Path

import pytest

from dwsynapse.io import files
from dwsynapse.io.errors import InputError
from dwsynapse.io.fingerprint import fingerprint


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
    """Copy the module to its place in an installation in a folder, and return the folder."""
    place = folder / "dwsynapse" / "io" / "files.py"
    place.parent.mkdir(parents=True)
    place.write_text(Path(files.__file__).read_text())
    return folder


@pytest.mark.parametrize("below", ["", ".venv/lib/site-packages"])
def test_an_installation_within_another_repository_reports_no_commit(repository, below):
    assert files.commit_of(copied(repository / below)) is None


def test_nothing_around_reports_no_commit(tmp_path):
    assert files.commit_of(copied(tmp_path)) is None


def test_a_committed_installation_elsewhere_in_a_repository_reports_no_commit(repository):
    folder = copied(repository / "vendored")
    git(repository, "add", "--force", ".")
    git(repository, "commit", "-q", "-m", "with a copy")
    assert files.commit_of(folder) is None


@pytest.fixture
def checkout(repository):
    """Return a checkout of the project, and its commit."""
    copied(repository)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "ours")
    return repository, git(repository, "rev-parse", "--short=12", "HEAD")


def test_a_checkout_reports_its_commit_and_whether_it_was_changed(checkout):
    folder, commit = checkout
    assert files.commit_of(folder) == commit
    (folder / files.IN_CHECKOUT).write_text("")
    assert files.commit_of(folder) == f"{commit}-dirty"


def test_a_checkout_of_another_user_reports_its_commit(checkout, monkeypatch):
    folder, commit = checkout
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(subprocess.CalledProcessError):
        git(folder, "status")
    assert files.commit_of(folder) == commit


def test_a_commit_that_git_cannot_tell_is_unknown(checkout, monkeypatch):
    folder, _ = checkout
    (folder / ".git/HEAD").write_text("damaged")
    assert files.commit_of(folder) == "unknown"
    monkeypatch.setenv("PATH", "")
    assert files.commit_of(folder) == "unknown"


def test_what_is_identical_does_not_depend_on_the_commit():
    origin = files.provenance("network", seed=1)
    assert origin["code"] == fingerprint("network")
    assert files.identity(origin | {"code_version": "later"}) == files.identity(origin)
    assert files.identity(origin | {"code": "other"}) != files.identity(origin)


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ('# format: dwsynapse-plan 1\n# provenance: {"seed": 1}\nfield_mT\n', {"seed": 1}),
        ('{"format": "dwsynapse-plan", "provenance": {"seed": 2}}', {"seed": 2}),
        ("# format: dwsynapse-plan 1\n# provenance: {'seed'", None),
        ("field_mT,n\n1,2\n", None),
        ("[1]", None),
        ("", None),
    ],
)
def test_the_provenance_in_a_file_is_read_if_it_states_any(tmp_path, content, stated):
    (path := tmp_path / "file").write_text(content)
    assert files.provenance_in(path) == stated


def test_links_in_a_circle_are_compared_as_any_other(tmp_path):
    loop, circle = tmp_path / "loop.csv", tmp_path / "circle.csv"
    loop.symlink_to(circle)
    circle.symlink_to(loop)
    files.require_output(tmp_path / "new.csv", loop)  # the reader of the link says what is wrong
    with pytest.raises(InputError, match="also an input"):
        files.require_output(loop, loop)
