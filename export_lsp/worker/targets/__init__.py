"""The targets of a file: the models to export, each with its example inputs.

- ``conventions/`` finds the targets that a file declares in Python, one module for each convention.
- ``pyproject_tables`` makes targets of the tables in pyproject.toml.
- ``script`` makes a target of an export call, by running the file up to it.
- ``declaration`` answers where in the user's files a part of a target is declared.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from types import ModuleType

from export_lsp.protocol import TARGET_NAMES, DeclaredTarget
from export_lsp.source import Source
from export_lsp.worker.data.target import Target
from export_lsp.worker.targets import pyproject_tables
from export_lsp.worker.targets.conventions import CONVENTIONS

# A line that may bind one of the names, for files that do not parse.
BINDING = re.compile(rf"^(\s*def )?({'|'.join(TARGET_NAMES)})\b", re.M)


def declares_any(source: Source) -> bool:
    """Return whether a file declares a target, judging by its text alone."""
    if source.tree is None:
        return BINDING.search(source.text) is not None
    return any(convention.declared_in(source.tree) for convention in CONVENTIONS)


def discover(
    module: ModuleType, source: Source, tables: tuple[DeclaredTarget, ...]
) -> list[Target]:
    """Return all targets of an imported file, each under a name of its own.

    Args:
        module: The imported file.
        source: The text that was imported.
        tables: The tables of pyproject.toml that name this file.

    Raises:
        MalformedTargetError: a declaration does not have the form that its convention asks for.
        BaseException: whatever the user's code raises while it is asked for its targets.
    """
    found = pyproject_tables.targets(module, tables)
    tree = source.tree or ast.Module([], [])
    for convention in CONVENTIONS:
        if convention.declared_in(tree):
            found.extend(convention.targets(module, source, tree))
    return _with_unique_names(found)


def _with_unique_names(targets: Iterable[Target]) -> list[Target]:
    """Number the targets after the first of each name: "model", "model (2)"."""
    seen: Counter[str] = Counter()
    result = []
    for target in targets:
        seen[target.name] += 1
        number = seen[target.name]
        name = target.name if number == 1 else f"{target.name} ({number})"
        result.append(replace(target, name=name))
    return result
