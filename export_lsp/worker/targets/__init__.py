"""The targets of a file: what to export, with which inputs.

A convention is a module here with ``declared_in(tree)``, which tells from the syntax alone whether
a file uses it (a file that uses none is never run), and ``targets(module, source, tree)``.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace
from types import ModuleType

from export_lsp.protocol import TARGET_NAMES, DeclaredTarget
from export_lsp.source import Source
from export_lsp.worker.data.target import Target
from export_lsp.worker.targets import declared, executorch, export_targets, exportdb, kernelbench

CONVENTIONS = (exportdb, export_targets, executorch, kernelbench)

# For files that do not parse: a line that may bind one of the names.
WORDS = re.compile(rf"^(\s*def )?({'|'.join(TARGET_NAMES)})\b", re.M)


def declares_any(source: Source) -> bool:
    """Whether the file declares a target, as far as its text tells."""
    if source.tree is None:
        return WORDS.search(source.text) is not None
    return any(convention.declared_in(source.tree) for convention in CONVENTIONS)


def discover(
    module: ModuleType, source: Source, tables: tuple[DeclaredTarget, ...]
) -> list[Target]:
    """All targets of an imported file, under names that differ.

    Raises:
        MalformedTargetError: a declaration is none; anything else that the user's code raises.
    """
    found = declared.targets(module, tables)
    tree = source.tree or ast.Module([], [])
    for convention in CONVENTIONS:
        if convention.declared_in(tree):
            found.extend(convention.targets(module, source, tree))
    return _told_apart(found)


def _told_apart(targets: list[Target]) -> list[Target]:
    """The targets with a number after every name that was there before."""
    seen: Counter[str] = Counter()
    result = []
    for target in targets:
        seen[target.name] += 1
        number = seen[target.name]
        name = target.name if number == 1 else f"{target.name} ({number})"
        result.append(replace(target, name=name))
    return result
