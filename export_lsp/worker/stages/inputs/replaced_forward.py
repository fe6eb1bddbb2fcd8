"""A ``forward`` that was replaced by a function with a signature that is not its own."""

from __future__ import annotations

import ast
import inspect

from export_lsp.protocol import Finding, Location
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.inputs.finding import invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words

COPIED = Words(
    "Signature of another function",
    "It states another signature than the one that it is called with: `functools.wraps` and"
    " `functools.update_wrapper` copy it, and export checks the example inputs against the copy.",
    "Give them the original `forward`, or leave them out.",
)


def replaced_forward(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain inputs that the model accepts in eager mode and ``inspect.signature`` does not."""
    built = declaration.built
    if not isinstance(failure.error, TypeError) or declaration.arguments():
        return None
    try:
        own = inspect.signature(built.model.forward, follow_wrapped=False)
        own.bind(*built.args, **(built.kwargs or {}))
    except (TypeError, ValueError):
        return None
    if failure.eager().error is not None:
        return None
    place = _assignment(failure) or declaration.target.places.model
    return invalid_input(failure, place, COPIED)


def _assignment(failure: Failure) -> Location | None:
    """Return the first place in the user's files that assigns a ``forward`` attribute."""
    for source in failure.workspace.sources.values():
        for node in source.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and target.attr == "forward":
                        return source.location_of(target)
    return None
