"""SIMD values for numba: one number for each replica of a lane group.

A `Lanes` value holds `LANES` floats or unsigned 32-bit integers, one per replica, and is added,
multiplied and so on like a number. Kernels written with it read like the physics of a single
replica and run on all replicas of the group in lockstep; lanes never interact, so that a
replica's result cannot depend on its neighbours or on its place in the group.
"""

import operator
from itertools import count
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model
from numpy.typing import DTypeLike, NDArray

from dwsynapse.kernels import compiled

LANES = 16
ALIGNMENT_BYTES = 64
_ALLOCATED = count()
_STAGGER_BYTES, _STAGGERED_BYTES = 37 * 64, 2**16


def kernel(function: Any) -> Any:
    """Compile a function that works on given arrays and allocates none.

    Numba counts references to every array that is looked up in a named tuple; in the loop over
    cells this took four times as long as the arithmetic. Kernels do without the counting.
    """
    return compiled(nogil=True, _nrt=False)(function)


def inlined(function: Any) -> Any:
    """Compile a function into its callers: passing it many arrays would cost more than it does."""
    return compiled(nogil=True, inline="always")(function)


_IR = {types.float32: ir.FloatType(), types.float64: ir.DoubleType(), types.uint32: ir.IntType(32)}
# Contracting a * b + c into one rounding is allowed; reordering sums is not.
_FLAGS = ("contract", "nsz")


class Lanes(types.Type):
    """Numba type of a SIMD value with `LANES` elements of one numba scalar type."""

    def __init__(self, dtype: types.Type):
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype}, {LANES})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Lanes):
        super().__init__(dmm, fe_type, ir.VectorType(_IR[fe_type.dtype], LANES))


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return a zeroed array of shape `shape` + (LANES,), aligned for SIMD loads.

    Large arrays all start at the beginning of a page, and a kernel that walks along several at once
    would need more ways in one set of a cache than there are: one array after the other
    starts some cache lines later.
    """
    size = int(np.prod(shape)) * LANES * np.dtype(dtype).itemsize
    later = next(_ALLOCATED) * _STAGGER_BYTES % _STAGGERED_BYTES
    raw = np.zeros(size + ALIGNMENT_BYTES + later, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGNMENT_BYTES + later
    return raw[start : start + size].view(dtype).reshape(*shape, LANES)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = cgutils.create_struct_proxy(array_type)(context, builder, array).data
    offset = builder.mul(index, ir.Constant(index.type, LANES))
    vector = ir.VectorType(_IR[array_type.dtype], LANES)
    return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())


@intrinsic
def load(typing_context: Any, array: Any, index: Any) -> Any:
    """Return the lanes of element `index` of a C-contiguous array whose last axis is the lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = context.cast(builder, args[1], signature.args[1], types.intp)
        value = builder.load(_pointer(context, builder, signature.args[0], args[0], place))
        value.align = ALIGNMENT_BYTES
        return value

    return Lanes(array.dtype)(array, index), code


def _splat(builder: Any, scalar: Any) -> Any:
    vector = ir.VectorType(scalar.type, LANES)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.IntType(32)(0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), mask)


@intrinsic
def store(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Store lanes, or one number for all of them, as element `index` of such an array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = context.cast(builder, args[1], signature.args[1], types.intp)
        pointer = _pointer(context, builder, signature.args[0], args[0], place)
        lanes = args[2]
        if not isinstance(value, Lanes):
            lanes = _splat(builder, context.cast(builder, lanes, signature.args[2], array.dtype))
        elif value.dtype == types.float32 and array.dtype == types.float64:
            lanes = builder.fpext(lanes, ir.VectorType(_IR[types.float64], LANES))
        builder.store(lanes, pointer).align = ALIGNMENT_BYTES
        return context.get_dummy_value()

    return types.void(array, index, value), code


def _binary(emit: Any) -> Any:
    """Return an intrinsic of two operands, of which a scalar one is spread over all lanes."""

    @intrinsic
    def operation(typing_context: Any, a: Any, b: Any) -> Any:
        lanes = a if isinstance(a, Lanes) else b

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            operands = []
            for kind, value in zip(signature.args, args, strict=True):
                if not isinstance(kind, Lanes):
                    value = _splat(builder, context.cast(builder, value, kind, lanes.dtype))
                operands.append(value)
            return emit(builder, isinstance(lanes.dtype, types.Float), *operands)

        return lanes(a, b), code

    return operation


def _overload(function: Any, emit: Any) -> None:
    operation = _binary(emit)

    @overload(function, strict=False)
    def implementation(a: Any, b: Any) -> Any:
        if isinstance(a, Lanes) or isinstance(b, Lanes):
            return lambda a, b: operation(a, b)
        return None


_overload(operator.add, lambda b, real, x, y: b.fadd(x, y, flags=_FLAGS) if real else b.add(x, y))
_overload(operator.sub, lambda b, real, x, y: b.fsub(x, y, flags=_FLAGS) if real else b.sub(x, y))
_overload(operator.mul, lambda b, real, x, y: b.fmul(x, y, flags=_FLAGS) if real else b.mul(x, y))
_overload(operator.truediv, lambda b, real, x, y: b.fdiv(x, y, flags=_FLAGS))
_overload(operator.xor, lambda b, real, x, y: b.xor(x, y))
_overload(operator.and_, lambda b, real, x, y: b.and_(x, y))
_overload(operator.or_, lambda b, real, x, y: b.or_(x, y))
_overload(operator.rshift, lambda b, real, x, y: b.lshr(x, y))
_overload(operator.lshift, lambda b, real, x, y: b.shl(x, y))


def _high_half(builder: Any, real: bool, x: Any, y: Any) -> Any:
    wide = ir.VectorType(ir.IntType(64), LANES)
    product = builder.mul(builder.zext(x, wide), builder.zext(y, wide))
    shift = ir.Constant(wide, [32] * LANES)
    return builder.trunc(builder.lshr(product, shift), x.type)


high_half = _binary(_high_half)
"""Upper 32 bits of the 64-bit product of two unsigned integers."""


@intrinsic
def sqrt(typing_context: Any, a: Any) -> Any:
    """Return the square root of each lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = args[0].type
        name = f"llvm.sqrt.v{LANES}f{32 if a.dtype == types.float32 else 64}"
        kind = ir.FunctionType(vector, [vector])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return a(a), code


def _conversion(to: types.Type, emit: Any) -> Any:
    @intrinsic
    def operation(typing_context: Any, a: Any) -> Any:
        target = Lanes(to)

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return emit(builder, args[0], ir.VectorType(_IR[to], LANES))

        return target(a), code

    return operation


to_float32 = _conversion(types.float32, lambda b, x, t: b.uitofp(x, t))
"""Unsigned integers as floats of the same value, rounded."""
bits_as_float32 = _conversion(types.float32, lambda b, x, t: b.bitcast(x, t))
"""Floats with the same bits."""
float32_as_bits = _conversion(types.uint32, lambda b, x, t: b.bitcast(x, t))
"""Unsigned integers with the same bits."""
