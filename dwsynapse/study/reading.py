"""Reading config files; an error is one line."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import JSON, kind_of, wrong_kind
from dwsynapse.io.files import require_file
from dwsynapse.study.block import Block
from dwsynapse.study.wrong_settings import first_problem, keys_in

if TYPE_CHECKING:
    from dwsynapse.study.study import Study

B = TypeVar("B")

NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
OCTAL = re.compile(r"[-+]?0[0_]*[1-7][0-7_]+")
CORRECT_THAT_KEY = "correct that key (config/default.yaml explains each)"


class _Loader(yaml.SafeLoader):
    """YAML in which a key that is given twice, or a value in itself, is an error.

    Of a key's values PyYAML silently takes the last one; a value that contains itself has no end.
    So is a number to base 60 or 8, as 0:0.1 and 010 are in YAML 1.1: a range or 10 was meant.
    """

    def __init__(self, stream: str):
        super().__init__(stream)
        self._composed: list[Any] = []

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node; raise `yaml.MarkedYAMLError` if it is one that it is part of."""
        event = self.peek_event()
        mark: Any = getattr(event, "start_mark", None)
        name = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent) and name in self._composed:
            raise yaml.MarkedYAMLError(problem=f"*{name} is part of &{name}", problem_mark=mark)
        self._composed.append(name)
        node = super().compose_node(parent, index)
        self._composed.pop()
        return node

    def compose_scalar_node(self, anchor: Any) -> Any:
        """Return the node of a value; raise `yaml.MarkedYAMLError` if it has another base."""
        node = super().compose_scalar_node(anchor)
        sexagesimal = ":" in node.value
        if node.tag in NUMBERS and (sexagesimal or OCTAL.fullmatch(node.value)):
            base = 60 if sexagesimal else 8
            problem = f"{node.value} is a number to base {base}: write a range as in [0, 0.1], "
            problem += "a number without a leading 0, a text in quotes"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        """Return the node of a mapping; raise `yaml.MarkedYAMLError` if a key is there twice."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return node


def read_study(source: str | Path | dict[str, Any], path: str | Path = "config") -> "Study":
    """Read and check the whole study, from a YAML file or from what Snakemake read from it.

    Parameters
    ----------
    source
        A YAML file, or the parsed config.
    path
        What an error names as the file, where `source` is already parsed.

    Raises
    ------
    InputError
        Naming the file and key of the first error.
    """
    from dwsynapse.study.study import Study

    if isinstance(source, dict):
        return validated(Study, source, path)
    return read_block(source, Study)


def over_defaults(content: dict[str, Any]) -> dict[str, Any]:
    """Return keys and values laid over those of the default study, one key by key.

    A device of a new name is added to the default ones; one that is null is left out.
    """
    from dwsynapse.study.study import Study

    return _laid_over(Study().model_dump(mode="json"), content)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict):
            under = below.get(key)
            value = _laid_over(under if isinstance(under, dict) else {}, value)
        merged[key] = value
    return merged


def read_block(path: str | Path, kind: Any, remedy: str = CORRECT_THAT_KEY) -> Any:
    """Read one config block of the given pydantic type from a YAML file.

    `remedy` is what errors of its keys say.

    Raises
    ------
    InputError
        If the file is missing, is not YAML or does not describe such a block.
    """
    content = read_keys(path)
    _require_no_study(kind, content, path)
    return validated(kind, content, path, remedy=remedy)


def read_keys(path: str | Path) -> dict[str, Any]:
    """Read a YAML file of any keys and values.

    Raises
    ------
    InputError
        If the file is missing, is not YAML or not a mapping, or gives a key twice.
    """
    path, wanted = Path(path), "a config file (YAML)"
    require_file(path, wanted)
    kind = kind_of(path)
    if kind is not None and (kind != JSON or kind.format):
        raise wrong_kind(path, kind, wanted)
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"not valid YAML ({error})", path=path, remedy="correct it") from error
    except RecursionError:
        raise InputError("nested too deeply", path=path, remedy="give a config file") from None
    if content is None:
        raise InputError(
            "no keys", path=path, remedy="give keys and values, or {} where all are the defaults"
        )
    if not isinstance(content, dict):
        raise InputError("not a mapping", path=path, remedy="give keys and values")
    return content


def block_text(block: Block, **chosen: Any) -> str:
    """Return a block as YAML; `chosen` (include or exclude) names the keys that go into it."""
    return yaml.safe_dump(block.model_dump(mode="json", **chosen), sort_keys=False)


def flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested keys and values as one level, with keys such as ``wire.width_nm``."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _require_no_study(kind: Any, content: dict[str, Any], path: str | Path) -> None:
    from dwsynapse.study.study import Study

    if kind is Study:
        return
    blocks = [
        name for name, field in Study.model_fields.items() if field.annotation not in (int, str)
    ]
    # A crossbar has a number of devices.
    own_keys = getattr(kind, "model_fields", {})
    if found := [
        name
        for name in blocks
        if name in content and (name not in own_keys or isinstance(content[name], dict))
    ]:
        own = [name for name in blocks if Study.model_fields[name].annotation is kind]
        below = f"`{own[0]}:`" if own else "the name of one device (`source: ...`)"
        raise InputError(
            f"a study (it has {', '.join(found)}), not a block of one",
            path=path,
            remedy=f"give a file with only what is below {below} in it",
        )


def _without_kinds(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the place of an error without what pydantic adds to distinguish kinds of devices."""
    if place[:1] != ("devices",):
        return place
    # A simulated one is a wire or a track.
    return place[:2] + place[4 if place[2:3] == ("simulation",) else 3 :]


def validated(
    kind: type[B] | Any,
    content: dict[str, Any],
    path: str | Path,
    options: Mapping[str, str] | None = None,
    remedy: str = CORRECT_THAT_KEY,
) -> B:
    """Return a config block of the given pydantic type made of keys and values.

    Parameters
    ----------
    kind
        The type.
    content
        Keys and values.
    path
        The file that an error names.
    options
        Options of a command that gave some of the values, by key: an error of such a key names its
        option instead of file and key.
    remedy
        What an error says of other keys.

    Raises
    ------
    InputError
        Naming the file and key of the first error.
    """
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        problem, place, has_remedy = first_problem(error)
        place = _without_kinds(place)
        key = ".".join(str(part) for part in place) or None
        named = keys_in(problem, place)
        typed = [option for key, option in (options or {}).items() if key in named]
        if typed:
            key, remedy = ", ".join(typed), "give another value"
        raise InputError(
            problem,
            path=None if typed else path,
            where=key,
            remedy=None if has_remedy else remedy,
        ) from error
