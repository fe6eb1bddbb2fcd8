"""`aot-inductor`: ``aoti_compile_and_package``, where a C++ compiler is installed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.backends.backend import Conversion, Refusal
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import aot_inductor, fx
from export_lsp.worker.text.sentences import sentence
from export_lsp.worker.text.torch_text import without_symbols

LABEL = "AOTInductor"
PACKAGES: dict[str, str] = {}
# A C++ compiler takes a minute for a small program.
SECONDS = 900.0

NO_COMPILER = "there is no C++ compiler (`g++`, `clang++`, or `$CXX`)"
NO_VALUES = "its parameters have no values"


def convert(program: ExportedProgram) -> Conversion:
    """Compile a program for the CPU."""
    package = f"torch {torch.__version__}"
    if not _compiler():
        return Conversion(program, package, not_run=NO_COMPILER)
    state = [*program.state_dict.values(), *program.constants.values()]
    if any(isinstance(value, FakeTensor) for value in state):
        return Conversion(program, package, not_run=NO_VALUES)
    try:
        path = aot_inductor.compiled(program, tempfile.mkdtemp())
    except Exception as error:
        return Conversion(program, package, (_refusal(error, package),))
    return Conversion(program, package, run=_Compiled(path, program), runs_on="AOTInductor")


def _compiler() -> str | None:
    names = (os.environ.get("CXX"), "g++", "clang++")
    return next((name for name in names if name and shutil.which(name)), None)


def _refusal(error: Exception, package: str) -> Refusal:
    nodes = (fx.node_of(link.__traceback__) for link in locate.chain(error))
    node = next((found for found in nodes if found is not None), None)
    said = sentence(without_symbols(reason(error)))
    why = f"Compiling it ahead of time fails ({package}). {said}"
    return Refusal(node, error, "Not supported by AOTInductor", why)


class _Compiled:
    """Runs a compiled program, which is loaded at its first call."""

    def __init__(self, path: str, program: ExportedProgram) -> None:
        self._path = path
        self._structure = program.call_spec.in_spec
        self._loaded: Any = None

    def __call__(self, leaves: Sequence[Any]) -> Sequence[Any]:
        if self._loaded is None:
            self._loaded = aot_inductor.load(self._path)
        args, kwargs = pytree.tree_unflatten(list(leaves), self._structure)
        results = pytree.tree_leaves(self._loaded(*args, **kwargs))
        return [each for each in results if isinstance(each, torch.Tensor)]
