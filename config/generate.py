"""The commented default config and the JSON schema, both generated from the models."""

import json
from pathlib import Path

import yaml
from pydantic import BaseModel

from config.study import Study
from workflow.files import write_text

HEADER = """\
# The default study, generated from the models in config/ by `python -m config`: do not edit here.
# Copy what you want to change into a file of your own; everything left out keeps its default.
#   snakemake --cores 2 --configfile my-study.yaml
"""


def default_yaml() -> str:
    """Return the default study as YAML with every key explained."""
    return HEADER + "\n".join(_lines(Study(), indent=0)) + "\n"


def schema_json() -> str:
    """Return the JSON schema of the study, for editors and other programs."""
    return json.dumps(Study.model_json_schema(), indent=2) + "\n"


def write_generated(folder: Path = Path(__file__).parent) -> None:
    """Write both files into `folder`."""
    write_text(folder / "default.yaml", default_yaml())
    write_text(folder / "schema.json", schema_json())


def _lines(block: BaseModel, indent: int) -> list[str]:
    pad = " " * indent
    lines = []
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        lines.append(f"{pad}# {field.description}")
        if isinstance(value, BaseModel):
            lines += [f"{pad}{name}:", *_lines(value, indent + 2)]
        elif isinstance(value, dict):
            lines.append(f"{pad}{name}:")
            for key, entry in value.items():
                lines += [f"{pad}  {key}:", *_lines(entry, indent + 4)]
        else:
            plain = block.model_dump(mode="json", include={name})[name]
            text = yaml.safe_dump(plain, default_flow_style=True, width=10_000)
            lines.append(f"{pad}{name}: {text.removesuffix(chr(10)).removesuffix('...').strip()}")
    return lines
