"""Files made from others: the commented default config, its JSON schema, a conda environment."""

import json
import re
import tomllib
from pathlib import Path

import yaml
from pydantic import BaseModel

from dwsynapse.io.files import write_text
from dwsynapse.study.project_files import require_checkout
from dwsynapse.study.study import Study

HEADER = """\
# The default study, made from dwsynapse/study by `python -m dwsynapse.study generate`: do not edit.
# Copy what you want to change into a file of your own; everything left out keeps its default.
#   snakemake my-wire --cores 2 --configfile my-study.yaml
"""


def default_yaml() -> str:
    """Return the default study as YAML with every key explained."""
    return HEADER + "\n".join(_lines(Study(), indent=0)) + "\n"


def schema_json() -> str:
    """Return the JSON schema of the study, for editors and other programs."""
    return json.dumps(Study.model_json_schema(), indent=2) + "\n"


def environment_yaml() -> str:
    """Return the conda environment for `snakemake --sdm conda`: pyproject.toml pinned.

    With OOMMF, which conda-forge has and the Python package index has not.
    """
    root = require_checkout()
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (root / "constraints.txt").read_text("utf-8")
    pins = {_normal(name): pin for name, pin in re.findall(r"^([\w.-]+)==(.+)$", lines, re.M)}
    pinned = [f"{name}=={pins[_normal(name)]}" for name in project["dependencies"]]
    environment = {
        "channels": ["conda-forge", "nodefaults"],
        "dependencies": ["python=3.11", "oommf", "pip", {"pip": pinned}],
    }
    origin = (
        "# Made from pyproject.toml and constraints.txt by `python -m dwsynapse.study generate`: "
        "do not edit here.\n"
    )
    return origin + yaml.safe_dump(environment, sort_keys=False)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def generated() -> dict[Path, str]:
    """Return every generated file of the project with its text."""
    root = require_checkout()
    return {
        root / "config" / "default.yaml": default_yaml(),
        root / "config" / "schema.json": schema_json(),
        root / "workflow" / "environment.yaml": environment_yaml(),
    }


def write_generated() -> list[Path]:
    """Write every generated file and return their paths."""
    files = generated()
    for path, text in files.items():
        write_text(path, text)
    return list(files)


def _lines(block: BaseModel, indent: int) -> list[str]:
    pad = " " * indent
    lines = []
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        lines += [f"{pad}# {line}" for line in (field.description or "").splitlines()]
        if isinstance(value, BaseModel):
            lines += [f"{pad}{name}:", *_lines(value, indent + 2)]
        elif isinstance(value, dict):
            lines.append(f"{pad}{name}:" if value else f"{pad}{name}: {{}}")
            for key, entry in value.items():
                lines += [f"{pad}  {key}:", *_lines(entry, indent + 4)]
        else:
            plain = block.model_dump(mode="json", include={name})[name]
            text = yaml.safe_dump(plain, default_flow_style=True, width=10_000)
            lines.append(f"{pad}{name}: {text.removesuffix(chr(10)).removesuffix('...').strip()}")
    return lines
