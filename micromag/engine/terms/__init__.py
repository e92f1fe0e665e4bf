"""Terms of the energy and of the torque: one file each, and one line each here."""

from micromag.engine.terms.cubic_anisotropy import CubicAnisotropy
from micromag.engine.terms.demag.demag_term import Demag
from micromag.engine.terms.dmi import DMI
from micromag.engine.terms.exchange import Exchange
from micromag.engine.terms.precession_and_damping import Damping, Precession
from micromag.engine.terms.slonczewski import Slonczewski
from micromag.engine.terms.term import CurrentTerm, LocalTerm, Term
from micromag.engine.terms.uniaxial_anisotropy import UniaxialAnisotropy
from micromag.engine.terms.zeeman import Zeeman
from micromag.engine.terms.zhang_li import ZhangLi

TERMS: tuple[Term, ...] = (
    Exchange(),
    DMI(),
    UniaxialAnisotropy(),
    CubicAnisotropy(),
    Zeeman(),
    Demag(),
    Precession(),
    Damping(),
    ZhangLi(),
    Slonczewski(),
)
"""Fields are added in this order."""

CURRENT_TERMS = tuple(term for term in TERMS if isinstance(term, CurrentTerm))
LOCAL_TERMS = tuple(
    term for term in TERMS if isinstance(term, LocalTerm) and term not in CURRENT_TERMS
)
"""Local terms of the energy."""
