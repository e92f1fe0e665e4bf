"""Energies, energy densities and effective fields of a system."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import code_version
from dwsynapse.kernels import say_when_compiling
from micromag.calculator.arguments import require_folder, require_format, require_system
from micromag.calculator.driver import PACKAGE, EmbeddedDriver
from micromag.calculator.quantities import Quantities
from micromag.engine.problem import Problem


def compute(
    func: Callable[..., Any],
    system: mm.System,
    /,
    dirname: str = ".",
    append: bool = True,
    ovf_format: str = "bin8",
    **kwargs: Any,
) -> float | df.Field:
    """Return a quantity of an energy term, or of all of them, for a system's magnetisation.

    ``compute(system.energy.demag.effective_field, system)``; what is computed is also written to
    the folder ``{dirname}/{name}/compute-{number}``.

    Parameters
    ----------
    func
        `energy`, `density` or `effective_field` of an energy term or of ``system.energy``.
    system
        The system.
    dirname, append
        Where the folder goes, and whether the system's folder may exist already.
    ovf_format
        bin8, bin4 or txt.
    **kwargs
        n_threads, runner and verbose of oommfc, ignored here.

    Returns
    -------
    float or discretisedfield.Field
        Energy in J, density in J/m3 or field in A/m.

    Raises
    ------
    ValueError
        If `func` is something else.
    InputError
        If `system` is none, or the term is not one of it or not computed, or another argument is
        wrong.
    FileExistsError
        If the system's folder exists and `append` is False.
    """
    quantity, owner = getattr(func, "__name__", func), getattr(func, "__self__", None)
    if quantity not in ("energy", "density", "effective_field"):
        raise ValueError(f"Cannot compute {quantity!r}: ask for energy, density, effective_field.")
    require_system(system)
    require_folder(dirname)
    require_format(ovf_format)
    say_when_compiling()
    quantities = Quantities(system)
    m = quantities.problem.unit_vectors(system.m)
    parts = quantities.of(m)[0 if quantity == "effective_field" else 1]
    _require_term(system, owner)
    names = [owner.name] if isinstance(owner, mm.energy.EnergyTerm) else list(parts)
    none = np.zeros_like(m if quantity == "effective_field" else m[0])
    total = sum((parts[name] for name in names), start=none)
    mesh, value = system.m.mesh, float(total.sum() * quantities.problem.cell_volume_m3)
    folder = EmbeddedDriver._setup_working_directory(system, dirname, "compute", append)
    info: dict[str, Any] = {
        "quantity": quantity,
        "of": names,
        "date": datetime.now().isoformat("T", "seconds"),
    }
    info |= {"adapter": PACKAGE, "adapter_version": code_version()}
    result: float | df.Field = value
    if quantity == "energy":
        info["energy_J"] = value
    else:
        array = np.moveaxis(total.reshape(-1, *mesh.n), 0, -1)
        result = df.Field(mesh, nvdim=array.shape[-1], value=array, valid=system.m.valid)
        result.to_file(str(folder / f"{quantity}.ovf"), representation=ovf_format)
    (folder / "info.json").write_text(json.dumps(info))
    return result


def _require_term(system: mm.System, owner: Any) -> None:
    """Refuse an energy term that is not one of the system, or that the engine does not compute."""
    if not isinstance(owner, mm.energy.EnergyTerm) or owner.name in [t.name for t in system.energy]:
        return
    if not isinstance(owner, mm.Zeeman):
        Problem.of(system, energy=[owner], dynamics=())
    raise InputError(
        f"the system's energy has no term {owner.name}",
        where="compute",
        remedy="add it to system.energy, or take a term of that",
    )
