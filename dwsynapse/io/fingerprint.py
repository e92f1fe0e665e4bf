"""What code makes a result: a fingerprint of the sources that a package runs.

It changes with the code only: not with comments, docstrings, formatting or a commit. It needs no
git.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dwsynapse.io.replacing import replacing

SOURCES = Path(__file__).parents[2]
"""The folder that holds the packages."""
ROOMS = ("dwsynapse", "micromag", "fitting", "network", "hardware", "studies")
NO_RESULT_DEPENDS_ON = (
    "dwsynapse/__init__.py",
    "dwsynapse/cli.py",
    "dwsynapse/front_door/",
    "dwsynapse/study/cli.py",
    "dwsynapse/study/generated_files.py",
    "dwsynapse/study/runs/",
)
"""Left out: what is for users of `import dwsynapse`, and for the workflow's own work."""
DIGITS = 12
BY_NAME = "import_module"
"""A module that calls it may import all modules of its folder."""
CACHE = "fingerprints.json"
MAX_CACHED = 5000


class Code(NamedTuple):
    """What counts of a source file.

    Parameters
    ----------
    digest
        Hash of its code.
    imports
        Modules that it may import, dotted; of other projects too.
    by_name
        Whether it also imports modules by names that are computed.
    """

    digest: str
    imports: list[str]
    by_name: bool


@cache
def fingerprint(package: str) -> str:
    """Return the fingerprint of a package: of its sources and all that they import.

    Parameters
    ----------
    package
        A room such as ``network``, or a package within one, dotted.
    """
    return fingerprint_in(SOURCES, package)


def fingerprint_in(folder: Path, package: str) -> str:
    """Return the fingerprint of a package of the project in a folder."""
    digest = hashlib.sha256()
    for name, code in sorted(_reached(folder, package).items()):
        digest.update(f"{name} {code.digest}\n".encode())
    return digest.hexdigest()[:DIGITS]


def _reached(folder: Path, package: str) -> dict[str, Code]:
    """Return the sources of a package and all those that they import, by their path."""
    there = _sources(folder)
    found: dict[str, Code] = {}
    waiting = _below(package.replace(".", "/"), there)
    with _Cache(folder) as cached:
        while waiting:
            if (name := waiting.pop()) in found:
                continue
            found[name] = code = cached.code_of(folder / name)
            for module in code.imports:
                waiting += _files_of(module, there)
            if code.by_name:
                waiting += _below(name.rpartition("/")[0], there)
    return found


def _sources(folder: Path) -> set[str]:
    """Return the paths of all modules on which results may depend."""
    found = set()
    for room in ROOMS:
        for where, _, names in os.walk(folder / room):
            start = f"{Path(where).relative_to(folder).as_posix()}/"
            found |= {start + name for name in names if name.endswith(".py")}
    return {name for name in found if not name.startswith(NO_RESULT_DEPENDS_ON)}


def _below(package: str, there: set[str]) -> list[str]:
    """Return the paths of all modules of a package and its sub-packages."""
    return [name for name in there if name.startswith(f"{package}/")]


def _files_of(module: str, there: set[str]) -> list[str]:
    """Return the paths of a module and of the packages above it, none if it is not of ours."""
    parts = module.split(".")
    if parts[0] not in ROOMS:
        return []
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    names = [f"{name}{end}" for name in above for end in ("/__init__.py", ".py")]
    return [name for name in names if name in there]


def code_of(source: bytes) -> Code:
    """Return what counts of a source: its code without comments, docstrings and formatting."""
    tree = ast.parse(source)
    digest = hashlib.sha256("\n".join(_words(tree)).encode(errors="surrogatepass"))
    nodes = list(_run(tree))
    imports = {name for node in nodes for name in _imports(node)}
    by_name = any(isinstance(node, ast.Name) and node.id == BY_NAME for node in nodes)
    return Code(digest.hexdigest(), sorted(imports), by_name)


def _words(node: ast.AST) -> Iterator[str]:
    """Yield a syntax tree as words, the same ones in all versions of Python.

    Strings that stand alone are docstrings, of attributes too, and are left out.
    """
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        values = value if isinstance(value, list) else [value]
        for one in values:
            if isinstance(one, ast.AST):
                if not (isinstance(one, ast.Expr) and _is_text(one.value)):
                    yield f"{name}:"
                    yield from _words(one)
            elif one is not None:
                yield f"{name}={one!r}"
    yield "."


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but what is for type checkers only."""
    yield node
    of_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for child in node.orelse if of_types else ast.iter_child_nodes(node):  # type: ignore[attr-defined]
        yield from _run(child)


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


class _Cache:
    """What counts of sources that were read before: to parse them all takes seconds.

    It is kept next to the code, or in the user's cache where that cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._first = folder / "dwsynapse" / "__pycache__" / CACHE
        self._known: dict[str, Any] = {}
        self._is_new = False

    def __enter__(self) -> "_Cache":
        self._read(self._first)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_new:
            if len(self._known) > MAX_CACHED:
                self._known.clear()
            for place in (lambda: self._first, _of_the_user):
                with suppress(OSError), replacing(place()) as temporary:
                    temporary.write_text(json.dumps(self._known))
                    break

    def code_of(self, path: Path) -> Code:
        source = path.read_bytes()
        key = hashlib.sha256(source).hexdigest()
        if key not in self._known and not self._is_new:
            self._read(_of_the_user())
        if key not in self._known:
            self._known[key] = code_of(source)
            self._is_new = True
        return Code(*self._known[key])

    def _read(self, path: Path) -> None:
        with suppress(OSError, ValueError, TypeError):
            self._known |= json.loads(path.read_bytes())


def _of_the_user() -> Path:
    import pooch  # which is needed only where the code cannot be written, or was changed

    return Path(pooch.os_cache("dwsynapse")) / CACHE
