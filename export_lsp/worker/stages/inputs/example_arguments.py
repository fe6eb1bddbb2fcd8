"""Example inputs in the wrong containers, or that do not fit the parameters of ``forward``."""

from __future__ import annotations

import re

from export_lsp.protocol import Finding, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies.example_inputs import (
    rename_keyword,
    unused_parameters,
    wrap_in_tuple,
)
from export_lsp.worker.stages.inputs.finding import invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import article

ARGUMENT = re.compile(r"argument:? '(\w+)'")


def args_container(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain ``args`` that is not a tuple."""
    args = declaration.built.args
    if isinstance(args, tuple):
        return None
    kind, place = type(args).__name__, declaration.target.places.args
    several = isinstance(args, list) and len(args) != 1
    return invalid_input(
        failure,
        place,
        f"The example inputs have to be a tuple, and this is {article(kind)} `{kind}`; write"
        + (" `(…)` for `[…]`" if several else " `(x,)` for a single input `x`"),
        wrap_in_tuple(failure.source(place), place),
    )


def kwargs_container(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain ``kwargs`` that is not a dict."""
    kwargs = declaration.built.kwargs
    if kwargs is None or isinstance(kwargs, dict):
        return None
    kind, place = type(kwargs).__name__, declaration.target.places.kwargs
    return invalid_input(
        failure,
        place,
        f"The example's keyword inputs have to be a dict, and this is {article(kind)} `{kind}`",
        [Remedy("replace", place, f"dict({failure.excerpt(place)})")],
    )


def signature(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain inputs that ``inspect.Signature.bind`` refuses."""
    if not isinstance(failure.error, TypeError) or declaration.arguments():
        return None
    places, text = declaration.target.places, failure.text
    forward = f"`{type(declaration.built.model).__name__}.forward`"
    names = ARGUMENT.findall(text)
    name = names[0] if names else ""
    by_name = declaration.key_location(places.kwargs, name) if name else places.kwargs
    if "unexpected keyword" in text:
        message = f"{forward} has no parameter `{name}`; remove it or correct its name"
        free = unused_parameters(declaration.built.model, declaration.built.kwargs or ())
        likely = rename_keyword(failure.source(by_name), by_name, name, free)
        return invalid_input(failure, by_name, message, likely)
    if "multiple values" in text:
        message = f"{forward} gets `{name}` twice, by position and by name; give it once"
        return invalid_input(failure, by_name, message)
    if "missing" in text and name:
        message = f"{forward} also needs `{name}`, which the example inputs lack; add it"
    elif "too many positional" in text:
        message = f"{forward} takes fewer positional inputs than the example has; remove the rest"
    else:
        message = f"The example inputs do not fit {forward}: {text}; give exactly its parameters"
    return invalid_input(failure, places.args, message)
