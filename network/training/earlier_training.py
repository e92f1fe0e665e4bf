"""Trained models of an earlier call, which may have taken hours."""

import json
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import identity, provenance_in

WORDS = {"code": "code", "config_sha256": "config", "seed": "seed", "inputs": "input files"}


def require_no_other_training(path: Path, origin: dict[str, Any], model: int) -> None:
    """Refuse to replace a trained model by one that is made from something else.

    Parameters
    ----------
    path
        The JSON file that is going to be written; nothing, or no model, may be there.
    origin
        Provenance of what is going to be trained.
    model
        Its number.

    Raises
    ------
    InputError
        If a model is there that has another number, config, seed, code or input files.
    """
    earlier = provenance_in(path)
    if earlier is None:
        return
    is_other = identity(earlier) != identity(origin)
    others = [word for key, word in WORDS.items() if is_other and earlier.get(key) != origin[key]]
    if json.loads(path.read_text(encoding="utf-8")).get("model") != model:
        others.append("number")
    if is_other or others:
        raise InputError(
            f"a model is there that was trained with other {', '.join(others) or 'settings'}, and "
            "would be lost",
            path=path,
            remedy="choose another --out, or remove it",
        )
