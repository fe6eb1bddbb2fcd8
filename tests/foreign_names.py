"""Names in a message that its reader does not know: not of the file, of Python or of torch."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import keyword
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import torch

from export_lsp.protocol import TARGET_NAMES
from export_lsp.rules import RULES
from export_lsp.settings import SETTINGS, kebab
from export_lsp.stages import STAGES

# A part of a name that was cut.
CUT = re.compile(r"\w*…\w*")
CODE = re.compile(r"`([^`]+?)(?:\.py)?`")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
OPERATOR = re.compile(r"\b(\w+)::(\w+)")
WORD = re.compile(r"[A-Za-z_]\w*")
# A message may introduce a name by saying what it stands for: "with `n = x.item()`".
INTRODUCED = re.compile(r"`([A-Za-z_]\w*) = ")
# The annotations of the corpus quote messages.
ANNOTATION = re.compile(r"#~.*")

# What users write for parts of a target, and parameters of torch's functions.
CONVENTIONS = {*TARGET_NAMES, "model", "dynamic_shapes", "forward", "self", "nn", "__main__"}
PARAMETERS = {
    *("strict", "num_classes", "preserve_module_call_signature", "serialized_type_name"),
    *("flatten_with_keys_fn", "to_dumpable_context", "from_dumpable_context"),
}
PUBLIC: tuple[object, ...] = (
    *(torch, torch.Tensor, torch.nn, torch.nn.Module, torch.export, torch.export.Dim, torch.jit),
    *(torch.export.ExportedProgram, object, dict, list, str),
)
IMPORT = re.compile(r"^(?:import|from) (\w+)", re.M)


def foreign_names(message: str, text: str) -> list[str]:
    """Return the names in the code of a message that are in none of these places.

    Args:
        message: The message, its code in backticks.
        text: The texts of the files that it is about.
    """
    text = ANNOTATION.sub("", text)
    known = {*WORD.findall(text), *INTRODUCED.findall(message), *_names_of_imports(text)}
    spans = [
        CUT.sub("", OPERATOR.sub(_unless_operator, span))
        for span in CODE.findall(message)
        if span not in _option_names()
    ]
    return [
        word
        for span in spans
        for dotted in DOTTED.findall(span)
        if not _is_importable(dotted)
        for word in dotted.split(".")
        if word not in known and word not in _public_names()
    ]


def _unless_operator(match: re.Match[str]) -> str:
    return "" if hasattr(getattr(torch.ops, match[1]), match[2]) else match[0]


@cache
def _option_names() -> frozenset[str]:
    return frozenset([*map(kebab, SETTINGS), *STAGES, *RULES])


@cache
def _public_names() -> frozenset[str]:
    return frozenset(
        [*keyword.kwlist, *dir(builtins), *CONVENTIONS, *PARAMETERS]
        + [name for owner in PUBLIC for name in dir(owner)]
    )


def _names_of_imports(text: str) -> set[str]:
    """Return the names in the packages that a file imports."""
    packages = [name for name in IMPORT.findall(text) if importlib.util.find_spec(name)]
    return {name for package in packages for name in dir(importlib.import_module(package))}


def _is_importable(dotted: str) -> bool:
    """Return whether a name leads to something of torch or of Python's library."""
    first, *rest = dotted.split(".")
    if not rest or (first != "torch" and first not in sys.stdlib_module_names):
        return False
    found: object = importlib.import_module(first)
    for module, name in zip(_modules(dotted), rest, strict=True):
        if not hasattr(found, name) and isinstance(found, ModuleType):
            try:
                importlib.import_module(module)
            except ImportError:
                return False
        if not hasattr(found, name):
            return False
        found = getattr(found, name)
    return True


def _modules(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    return (".".join(parts[:count]) for count in range(2, len(parts) + 1))
