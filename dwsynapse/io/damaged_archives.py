"""What libraries raise for archives that are damaged, which may be anywhere in them."""

import struct
import tokenize
import zlib
from zipfile import BadZipFile

UNREADABLE_NPZ = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    struct.error,
    BadZipFile,
    zlib.error,
)
"""By numpy, for arrays (npz) whose header, list of contents or content is damaged."""

UNREADABLE_HDF5 = (OSError, RuntimeError, ValueError, TypeError, AttributeError, LookupError)
"""By h5py."""
