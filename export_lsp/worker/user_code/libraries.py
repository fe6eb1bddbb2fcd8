"""The code of libraries: the installed packages that a model calls, and the text of their files.

Of torch only the code that models are made of counts, not the code that traces them.
"""

from __future__ import annotations

import dis
import functools
import importlib.util
import os
import sys
import sysconfig
from types import CodeType

import export_lsp.worker
from export_lsp.source import Source


def _torch_folder() -> str:
    """Return torch's folder; a host looks for it before torch is imported, if there is one."""
    spec = importlib.util.find_spec("torch")
    folder = os.path.dirname(spec.origin) if spec is not None and spec.origin else "torch"
    return folder + os.sep


TORCH = _torch_folder()
OWN = os.path.dirname(export_lsp.worker.__file__) + os.sep

# Folders and files of torch that hold code of models.
TORCH_MODELS = tuple(TORCH + path for path in ("nn", "ao", "distributions"))
# Calls every module, so that it is on the stack of every failure inside of one.
TORCH_CALLS = TORCH + os.path.join("nn", "modules", "module.py")

# Packages that torch itself calls while it traces, and wrappers of Python functions.
NOT_MODELS = (
    *("torch", "functorch", "torchgen", "triton", "numpy", "sympy", "mpmath", "networkx"),
    *("optree", "typing_extensions", "export_lsp"),
)

# Instructions that decide which way Python code goes.
DECIDING = (
    "POP_JUMP",
    "JUMP_IF",
    "TO_BOOL",
    "COMPARE_OP",
    "CONTAINS_OP",
    "UNARY_NOT",
    "GET_ITER",
    "FOR_ITER",
    "UNPACK",
)


@functools.cache
def package_of(file: str) -> str:
    """Return the name of the package whose code of models is in a file; "" for any other file.

    The user's own files are not told from those of a package: ask `Workspace.contains` first.
    """
    if not os.path.isabs(file) or file.startswith(OWN):
        return ""
    if file.startswith(TORCH):
        return "torch" if file.startswith(TORCH_MODELS) and file != TORCH_CALLS else ""
    folder = max((f for f in _import_folders() if file.startswith(f)), key=len, default="")
    if not folder or folder in _standard_library():
        return ""
    name = file[len(folder) :].partition(os.sep)[0].removesuffix(".py")
    return "" if name in NOT_MODELS else name


def _import_folders() -> list[str]:
    return [os.path.join(os.path.abspath(path), "") for path in sys.path]


@functools.cache
def _standard_library() -> frozenset[str]:
    paths = sysconfig.get_paths()
    return frozenset(os.path.join(paths[name], "") for name in ("stdlib", "platstdlib"))


def decides(name: str) -> bool:
    """Return whether an instruction of this name decides which way Python code goes."""
    return name.startswith(DECIDING)


def instruction_name(code: CodeType, offset: int) -> str:
    """Return the name of the instruction at an offset in bytes."""
    return dis.opname[code.co_code[offset]] if 0 <= offset < len(code.co_code) else ""


@functools.cache
def source(file: str) -> Source | None:
    """Return the text of a library's file; None if it cannot be read as Python source."""
    try:
        with open(file, "rb") as stream:
            return Source.of(file, stream.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
