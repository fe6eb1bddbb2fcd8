"""The hints for what is not checked: models without inputs, exports that a script never calls."""

from __future__ import annotations

import ast

from export_lsp.export_calls import export_calls
from export_lsp.protocol import Finding, Remedy
from export_lsp.source import Source
from export_lsp.worker.targets.script import Script
from export_lsp.worker.user_code import syntax


def explain(source: Source) -> list[Finding]:
    """A hint at the last module class of the file, since that one tends to be the whole model."""
    classes = syntax.module_classes(source.tree) if source.tree is not None else []
    if not classes:
        return []
    model = classes[-1]
    place = source.location_of(syntax.name_of(model, source.lines))
    return [
        Finding(
            rule="no-target",
            stage="load",
            modes=(),
            target="",
            location=place,
            message=(
                f"`{model.name}` is not checked, since this file has no example inputs for it;"
                f" declare `model` and `example_args` at module level{_or_run(source.tree)}"
            ),
            remedies=(Remedy("declaration", place),),
        )
    ]


def _or_run(tree: ast.Module | None) -> str:
    if tree is None or not export_calls(tree):
        return ""
    return ", or have the file run up to its export (`run-main`)"


def not_called(script: Script, call: ast.Call) -> Finding:
    """The hint at a call of an exporter that a script has not come to."""
    if script.target is None:
        why = "the file runs to its end without it"
    else:
        line = script.target.places.declaration.start.line + 1
        why = f"the file is run up to the export in line {line} only"
    return Finding(
        rule="no-target",
        stage="load",
        modes=(),
        target="",
        location=script.source.location_of(call.func),
        message=f"This export is not checked, since {why}",
    )
