"""The hint for a file that defines models but gives nothing to export them with."""

from __future__ import annotations

from export_lsp.protocol import Finding, Remedy
from export_lsp.source import Source
from export_lsp.worker.targets import syntax


def explain(source: Source) -> list[Finding]:
    """A hint at the last module class of the file, since that one tends to be the whole model."""
    classes = syntax.module_classes(source.tree) if source.tree is not None else []
    if not classes:
        return []
    model = classes[-1]
    place = source.node(syntax.name_of(model, source.lines))
    return [
        Finding(
            rule="no-target",
            stage="load",
            modes=(),
            target="",
            location=place,
            message=(
                f"`{model.name}` is not checked, since this file has no example inputs for it;"
                " declare `model` and `example_args` at module level"
            ),
            remedies=(Remedy("declaration", place),),
        )
    ]
