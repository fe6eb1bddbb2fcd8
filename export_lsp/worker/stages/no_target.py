"""Hints for models without example inputs, and for exports that a script does not get to."""

from __future__ import annotations

import ast

from export_lsp.export_calls import export_calls
from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.source import Source
from export_lsp.top_level import module_classes
from export_lsp.worker.targets.script import Script
from export_lsp.worker.text.sentences import Words
from export_lsp.worker.user_code import syntax


def explain(source: Source) -> list[Finding]:
    """Return a hint at the last module class of a file that declares no targets.

    The last class tends to be the whole model. No class, no hint.
    """
    classes = module_classes(source.tree) if source.tree is not None else []
    if source.tree is None or not classes:
        return []
    model = classes[-1]
    place = source.location_of(syntax.name_of(model, source.lines))
    advice = "Declare `model` and `example_args` at module level"
    if export_calls(source.tree):
        advice += ", or have the file run up to its export (`run-main`)"
    words = Words(
        "Model without example inputs",
        f"`{model.name}` is not checked, since this file has no example inputs for it.",
        f"{advice}.",
    )
    return [_hint(source, place, words, Remedy("declaration", place))]


def explain_uncalled(script: Script, call: ast.Call) -> Finding:
    """Return the hint at a call of an exporter that a script did not get to."""
    if script.target is None:
        why = "the file ends without calling it"
    else:
        line = script.target.places.declaration.start.line + 1
        why = f"the file is run only up to the export in line {line}"
    words = Words("Export that is not checked", f"It is not checked, since {why}.")
    return _hint(script.source, script.source.location_of(call.func), words)


def _hint(source: Source, location: Location, words: Words, *remedies: Remedy) -> Finding:
    title, explanation = words.parts(source.excerpt(location))
    return Finding(
        rule="no-target",
        stage="load",
        modes=(),
        target="",
        location=location,
        title=title,
        explanation=explanation,
        remedies=remedies,
    )
