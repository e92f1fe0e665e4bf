"""Every form in which ubermag takes a parameter, on a small mesh with overlapping subregions."""

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np

NM = 1e-9
MESH = df.Mesh(
    region=df.Region(p1=(0, 0, 0), p2=(30 * NM, 12 * NM, 6 * NM)),
    n=(6, 3, 2),
    subregions={
        # The first one wins where they overlap; the last 5 nm belong to none.
        "a": df.Region(p1=(0, 0, 0), p2=(10 * NM, 12 * NM, 6 * NM)),
        "b": df.Region(p1=(10 * NM, 0, 0), p2=(20 * NM, 12 * NM, 6 * NM)),
        "c": df.Region(p1=(10 * NM, 0, 0), p2=(25 * NM, 12 * NM, 6 * NM)),
    },
)
COARSE = df.Mesh(region=MESH.region, n=(3, 3, 2))


def scalar(scale, mesh=MESH):
    """Return a field that differs from cell to cell."""
    return df.Field(mesh, nvdim=1, value=lambda p: scale * (1 + (p[0] + 2 * p[1] + 5 * p[2]) / NM))


def vector(scale, mesh=MESH):
    """Return a field of vectors that differ from cell to cell."""
    return df.Field(mesh, nvdim=3, value=lambda p: scale * (np.array(p) / NM - (9, 7, 1)))


def axes():
    """Return two fields of axes, perpendicular to each other in every cell."""
    first = df.Field(MESH, nvdim=3, value=vector(1).array, norm=1)
    across = np.cross(first.array, (1, 2, 3))
    return first, df.Field(MESH, nvdim=3, value=across, norm=1)


def zeeman(H, **course):
    return mm.Zeeman(H=H, **course)


def growing(t):
    return 0.5 + t * 1e9


def turning(t):
    return [0, -1 - t, 0, 1, 0, t, 0, 0, 2]


H = (1e4, 2e4, -3e4)
H_DICT = {"a": (1e4, 0, 2e4), "b": (0, -3e4, 1e4)}
H_DEFAULT = H_DICT | {"default": (5e3, 6e3, 7e3)}
U_DICT = {"a": (0, 0, 2), "b": (1, 1, 0), "default": (1, 0, -1)}
U1, U2 = {"a": (1, 0, 0), "default": (0, 0.6, 0.8)}, {"a": (0, 1, 0), "default": (0, 0.8, -0.6)}
SINE = {"func": "sin", "f": 2e9, "t0": 1e-10}

FORMS = {
    "exchange_number": mm.Exchange(A=1e-11),
    "exchange_regions": mm.Exchange(A={"a": 1e-11, "b": 4e-12}),
    "exchange_default": mm.Exchange(A={"a": 1e-11, "default": 6e-12}),
    "exchange_pair": mm.Exchange(A={"a": 1e-11, "b": 4e-12, "c": 2e-12, "a:b": -2e-12}),
    "exchange_pairs": mm.Exchange(A={"b:a": 3e-12, "c:b": 5e-12, "default": 1e-12}),
    "exchange_field": mm.Exchange(A=scalar(1e-12)),
    "exchange_coarse": mm.Exchange(A=scalar(1e-12, COARSE)),
    "uniaxial_number": mm.UniaxialAnisotropy(K=5e4, u=(1, 2, 2)),
    "uniaxial_negative": mm.UniaxialAnisotropy(K=-5e4, u=(0, 0, 1)),
    "uniaxial_regions": mm.UniaxialAnisotropy(K={"a": 5e4, "b": -2e4}, u=(0, 0, 1)),
    "uniaxial_default": mm.UniaxialAnisotropy(K={"a": 5e4, "default": 1e4}, u=U_DICT),
    "uniaxial_field": mm.UniaxialAnisotropy(K=scalar(1e3), u=vector(1)),
    "uniaxial_coarse": mm.UniaxialAnisotropy(K=scalar(1e3, COARSE), u=vector(1, COARSE)),
    "uniaxial_order4": mm.UniaxialAnisotropy(K1=5e4, K2=2e4, u=(0, 1, 0)),
    "uniaxial_order4_negative": mm.UniaxialAnisotropy(K1=-5e4, K2=2e4, u=(0, 1, 0)),
    "uniaxial_order4_regions": mm.UniaxialAnisotropy(
        K1={"a": 5e4, "b": -1e4}, K2={"b": 3e4, "default": 1e4}, u=(0, 1, 0)
    ),
    "uniaxial_order4_field": mm.UniaxialAnisotropy(K1=scalar(1e3), K2=scalar(2e2), u=(0, 0, 1)),
    "cubic_number": mm.CubicAnisotropy(K=5e4, u1=(0, 1, 0), u2=(1, 0, 1)),
    "cubic_regions": mm.CubicAnisotropy(K={"a": 5e4, "b": -3e4}, u1=(0, 1, 0), u2=(1, 0, 0)),
    "cubic_axes": mm.CubicAnisotropy(K={"a": 5e4, "default": 2e4}, u1=U1, u2=U2),
    "cubic_field": mm.CubicAnisotropy(K=scalar(1e3), u1=axes()[0], u2=axes()[1]),
    "zeeman_vector": zeeman(H),
    "zeeman_regions": zeeman(dict(H_DICT)),
    "zeeman_default": zeeman(dict(H_DEFAULT)),
    "zeeman_field": zeeman(vector(1e3)),
    "zeeman_coarse": zeeman(vector(1e3, COARSE)),
    "zeeman_sine": zeeman(H, **SINE),
    "zeeman_sine_regions": zeeman(dict(H_DICT), **SINE),
    "zeeman_sine_field": zeeman(vector(1e3), **SINE),
    "zeeman_sinc_default": zeeman(dict(H_DEFAULT), **SINE | {"func": "sinc"}),
    "zeeman_wave": zeeman(H, wave="sin", f=2e9, t0=1e-10),
    "zeeman_function": zeeman(H, func=growing, dt=1e-12),
    "zeeman_function_regions": zeeman(dict(H_DICT), func=growing, dt=1e-12),
    "zeeman_function_field": zeeman(vector(1e3), func=growing, dt=1e-12),
    "zeeman_matrix_regions": zeeman(dict(H_DEFAULT), func=turning, dt=1e-12),
    "zeeman_matrix_field": zeeman(vector(1e3), func=turning, dt=1e-12),
    "demag": mm.Demag(),
}

NORMS = {
    "number": 8e5,
    "regions": {"a": 8e5, "b": 5e5, "default": 0},
    "rest": {"a": 8e5, "b": 0, "default": 3e5},
    "field": scalar(1e4),
}


def system_of(term, norm="rest", valid=True):
    """Return a system with one energy term and a rough magnetisation."""
    system = mm.System(name="forms")
    system.energy = term
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0)
    directions = np.random.default_rng(7).normal(size=(*MESH.n, 3))
    system.m = df.Field(MESH, nvdim=3, value=directions, norm=NORMS[norm], valid=valid)
    return system


def half_valid():
    """Return a mask of cells."""
    return np.indices(MESH.n).sum(axis=0) % 2 == 0
