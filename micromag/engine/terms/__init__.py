"""Terms of the energy and of the torque: one file each, and one line each here."""

from micromag.engine.terms.cubic_anisotropy import CubicAnisotropy
from micromag.engine.terms.demag.demag_term import Demag
from micromag.engine.terms.exchange import Exchange
from micromag.engine.terms.precession_and_damping import Damping, Precession
from micromag.engine.terms.term import LocalTerm, Term
from micromag.engine.terms.uniaxial_anisotropy import UniaxialAnisotropy
from micromag.engine.terms.zeeman import Zeeman

TERMS: tuple[Term, ...] = (
    Exchange(),
    UniaxialAnisotropy(),
    CubicAnisotropy(),
    Zeeman(),
    Demag(),
    Precession(),
    Damping(),
)
"""Fields are added in this order."""

LOCAL_TERMS = tuple(term for term in TERMS if isinstance(term, LocalTerm))
