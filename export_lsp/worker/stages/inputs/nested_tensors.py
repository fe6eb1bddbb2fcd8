"""Nested tensors among the example inputs.

``torch.export.export`` does not refuse them. Non-strict mode fails on their sizes with texts about
its own classes, and strict mode makes a program that fails when it is run, saved or decomposed
(torch 2.13). So they are reported before the export, which does not take place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.stages.inputs.input_types import leaves
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path, as_suffix
from export_lsp.worker.text.sentences import Words


def findings(declaration: Declaration, mode: Mode) -> Iterator[Finding]:
    """Yield a finding for each nested tensor among the example inputs of a target."""
    for path, value in leaves(declaration.arguments()):
        if any(getattr(tensor, "is_nested", False) for tensor in pytree.tree_leaves(value)):
            location = declaration.example_location(path)
            source = declaration.workspace.source(location.file)
            title, explanation = _words(path, value).parts(
                source.excerpt(location) if source is not None else "", (mode,)
            )
            yield Finding(
                rule="invalid-input",
                stage="inputs",
                modes=(mode,),
                target=declaration.target.name,
                location=location,
                title=title,
                explanation=explanation,
            )


def _words(path: Path, value: Any) -> Words:
    argument, *steps = path
    is_tensor = getattr(value, "is_nested", False)
    return Words(
        "Nested tensor as an input",
        f"`{argument}{as_suffix(tuple(steps))}` {'is' if is_tensor else 'holds'} a nested tensor,"
        " which torch.export does not take as an input.",
        "Pass a padded tensor and a mask, or its values and offsets.",
    )
