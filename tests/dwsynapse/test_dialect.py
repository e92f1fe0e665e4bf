"""The commands of all rooms speak one dialect: an option means the same wherever it is."""

import re
from collections import defaultdict
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from dwsynapse.cli import COMMANDS
from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import confidence_option, limited, numbers, out_file, several
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import DEFAULT_SEED

WORDS = {
    "--config": r"What a study has below `[\w.]+:` \(YAML\)([,;] .*)?",
    "--out": r"Folder to write into: [\w-]+\.\w+.*|File to write: .*\(\.\w+(, \.\w+)*\).*",
}
"""The help of options that have as many meanings as commands; all others have one help."""


@dataclass
class Declared:
    """What one command declares for one of its options or arguments."""

    command: str
    name: str
    kind: Any
    info: Any
    default: Any

    @property
    def meaning(self):
        callback = self.info.callback and self.info.callback.__qualname__
        output = "in words of its own" if self.name in WORDS else self.info.help
        return str(self.kind), output, self.info.min, self.info.max, callback


def declared_by(command, callback):
    """Return what a command declares, as its function is annotated."""
    found = []
    for parameter in signature(callback).parameters.values():
        kind, info = get_args(parameter.annotation)
        if get_origin(kind) is not list and NoneType in get_args(kind):
            (kind,) = set(get_args(kind)) - {NoneType}
        name = parameter.name.upper()
        if isinstance(info, typer.models.OptionInfo):
            name = next(iter(info.param_decls or ()), f"--{parameter.name.replace('_', '-')}")
        found.append(Declared(command, name, kind, info, parameter.default))
    return found


def all_declared():
    found = []
    for room, (module, _) in COMMANDS.items():
        tree = get_command(import_module(module).app)
        for name, command in getattr(tree, "commands", {"": tree}).items():
            found += declared_by(f"{room} {name}", command.callback)
    return found


ALL = all_declared()


def with_several_meanings(found):
    """Return the options and arguments of one name that are not declared alike."""
    by_name = defaultdict(lambda: defaultdict(list))
    for one in found:
        by_name[one.name][one.meaning].append(one.command)
    return [f"{name}: {list(commands)}" for name, commands in by_name.items() if len(commands) > 1]


def in_other_words(found):
    """Return the options whose help does not follow the words for it."""
    return [
        f"{one.command} {one.name}: {one.info.help}"
        for one in found
        if one.name in WORDS and not re.fullmatch(WORDS[one.name], one.info.help)
    ]


def written_otherwise(found):
    """Return the options for what is written that do not say whether it is a folder or a file."""
    wrong = []
    for one in found:
        if one.name == "--figure" or one.name.startswith("--out"):
            words = {"FOLDER": "Folder to write into: ", "FILE": "File to write: "}
            begins = words.get(one.info.metavar)
            if begins is None or not one.info.help.startswith(begins) or one.kind is not Path:
                wrong.append(f"{one.command} {one.name}")
    return wrong


def by_repetition_only(found):
    """Return the options for lists that do not take several values at once."""
    lists = [one for one in found if get_origin(one.kind) is list and one.name.startswith("--")]
    return [
        f"{one.command} {one.name}"
        for one in lists
        if one.info.callback is None
        or one.info.callback(["a=1,b=2", "c=3"]) != ["a=1", "b=2", "c=3"]
    ]


@pytest.mark.parametrize(
    "breaches", [with_several_meanings, in_other_words, written_otherwise, by_repetition_only]
)
def test_the_commands_keep_to_the_dialect(breaches):
    assert len({one.command for one in ALL}) > 20
    assert not breaches(ALL)


def test_every_seed_has_the_studys_default():
    seeds = [one for one in ALL if one.name == "--seed"]
    assert len(seeds) > 5
    assert {one.default for one in seeds} == {DEFAULT_SEED}


def test_models_are_arguments():
    assert "MODELS" in {one.name for one in ALL}
    assert not {"--model", "--models"} & {one.name for one in ALL}


def test_breaches_are_found():
    Number = Annotated[int, typer.Option(min=0, help="Number")]

    def one(
        out: Annotated[Path, out_file("table (.csv)")],
        config: Annotated[Path, typer.Option(help="Settings")],
        n: Number = 1,
        at: Annotated[list[str] | None, several(help="Place", metavar="X")] = None,
    ): ...

    def other(
        out: Annotated[Path, typer.Option(help="File to write: table (.csv)")],
        n: Annotated[float, typer.Option(min=0, help="Number")],
        at: Annotated[list[float] | None, typer.Option(help="Place")] = None,
    ): ...

    def same(n: Number = 2): ...

    found = declared_by("one", one) + declared_by("same", same)
    assert not with_several_meanings(found) + written_otherwise(found) + by_repetition_only(found)
    assert in_other_words(found) == ["one --config: Settings"]
    found += declared_by("other", other)
    assert [line.split(":")[0] for line in with_several_meanings(found)] == ["--n", "--at"]
    assert written_otherwise(found) == ["other --out"]
    assert by_repetition_only(found) == ["other --at"]


def given(folder, *words):
    """Return what a command gets of its options for lists and for a confidence."""
    app, got = Commands(), {}

    @app.command()
    def command(
        at: Annotated[list[str] | None, several(help="Place", metavar="X")] = None,
        table: Annotated[list[Path] | None, several(help="Table", metavar="FILE")] = None,
        confidence: Annotated[float, confidence_option()] = 0.95,
    ):
        got.update(at=at, table=table, confidence=confidence)

    result = CliRunner().invoke(app, [*words], catch_exceptions=False)
    return got or result.output


def test_several_values_come_with_commas_or_one_by_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got = given(tmp_path, "--at", "1, 2", "--at", "x", "--table", "a.csv,b.csv")
    assert (got["at"], got["table"]) == (["1", "2", "x"], [Path("a.csv"), Path("b.csv")])
    # A file of that name is one file.
    Path("a.csv,b.csv").touch()
    assert given(tmp_path, "--table", "a.csv,b.csv")["table"] == [Path("a.csv,b.csv")]
    assert given(tmp_path)["at"] is None
    for words in (["--at", "1,,2"], ["--at", ""], ["--table", "a.csv,"]):
        assert f"Invalid value for '{words[0]}'" in given(tmp_path, *words)


def test_numbers_are_read_once_each_and_a_wrong_one_names_the_option():
    assert numbers(["2", "1", "2"], "--at", int, 0, 2) == [2, 1]
    assert numbers(["2", "1", "2.0"], "--at", float, 0, 2) == [2, 1]
    # As in 1,2,0,2 for 1.2 and 0.2. Odd numbers of words, and points, are no pairs of halves.
    with pytest.raises(InputError, match=r"^--at: 2 is given twice; give one or more, with commas"):
        numbers(["1", "2", "0", "2"], "--at", float, 0, 2)
    assert numbers([], "--at", int, 1, 2) == []
    for word in ("nan", "inf", "-1", "3", "x", "0_1", "١"):
        with pytest.raises(InputError, match=rf"^--at: '{word}' is not a number from 0 to 2; give"):
            numbers(["1", word], "--at", float, 0, 2)
    with pytest.raises(InputError, match=r"'1\.5' is not a whole number from 1 to 2"):
        numbers(["1.5"], "--at", int, 1, 2)


@pytest.mark.parametrize("value", ["0.5", "1", "nan", "inf"])
def test_a_confidence_is_between_a_half_and_one(tmp_path, value):
    assert given(tmp_path, "--confidence", "0.9")["confidence"] == 0.9
    output = given(tmp_path, "--confidence", value)
    assert "Invalid value for '--confidence'" in output
    assert "must be above 0.5 and below 1" in output


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1.5", "-0.1"])
def test_a_number_outside_its_limits_is_refused_in_one_wording(word):
    with pytest.raises(typer.BadParameter, match=r"^must be a number from 0 to 0\.999$"):
        limited(0, 0.999)(float(word))
    assert limited(0, 0.999)(0.5) == 0.5
    assert limited(0, 0.999)(None) is None
    with pytest.raises(typer.BadParameter, match=r"^must be a finite number, 1 or more$"):
        limited(1)(float("nan"))


def test_no_number_has_typers_limits():
    """Nan passes some of them, and their wording is typer's."""
    assert [
        one for one in ALL if one.kind is float and (one.info.min, one.info.max) != (None,) * 2
    ] == []


def test_digits_joined_by_an_underscore_are_no_number():
    n_options = 0
    for module, _ in COMMANDS.values():
        app = import_module(module).app
        tree = get_command(app)
        for name, command in getattr(tree, "commands", {"": tree}).items():
            kinds = signature(command.callback).parameters
            for given in command.params:
                kind = get_args(kinds[given.name].annotation)[0]
                if not {int, float} & {kind, *get_args(kind)}:
                    continue
                n_options += 1
                for value in ([given.opts[0], "1_0"], [f"{given.opts[0]}=1_0"]):
                    output = CliRunner().invoke(app, [name] * bool(name) + value).output
                    assert f"'{given.opts[0]}': '1_0' is not a number; write 10" in output
    assert n_options > 40


def test_underscores_in_texts_and_paths_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert given(tmp_path, "--table", "1_0", "--at", "2_0") == {
        "at": ["2_0"],
        "table": [Path("1_0")],
        "confidence": 0.95,
    }


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("", "is empty: was a variable of the shell not set?"),
        ("  ", "is empty: was a variable of the shell not set?"),
        ("a\nb", "has a line break or another control"),
        ("a\x01b", "has a line break or another control"),
        ("\udcff", "is no text in UTF-8"),
    ],
)
def test_words_that_say_nothing_are_refused_by_every_command(word, problem):
    n_commands = 0
    for module, _ in COMMANDS.values():
        app = import_module(module).app
        for name in getattr(get_command(app), "commands", [""]):
            n_commands += 1
            for words in ([word], ["--out", word], [f"--out={word}"]):
                said = CliRunner().invoke(app, [name] * bool(name) + words)
                assert said.exit_code == 2
                assert problem in " ".join(said.output.replace("│", "").split())
    assert n_commands > 25


def test_a_tab_in_a_path_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert given(tmp_path, "--table", "a\tb")["table"] == [Path("a\tb")]
