"""Example inputs in the wrong containers, or that do not fit the parameters of ``forward``."""

from __future__ import annotations

import re
from typing import Any

from export_lsp.protocol import Finding, Remedy
from export_lsp.titles import shortened
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies.example_inputs import (
    rename_keyword,
    unused_parameters,
    wrap_in_tuple,
)
from export_lsp.worker.stages.inputs.finding import invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words, article, sentence

ARGUMENT = re.compile(r"argument:? '(\w+)'")


def args_container(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain ``args`` that is not a tuple."""
    args = declaration.built.args
    if isinstance(args, tuple):
        return None
    kind, place = type(args).__name__, declaration.target.places.args
    return invalid_input(
        failure,
        place,
        Words(
            "Example inputs that are no tuple",
            f"The example inputs have to be a tuple, and this is {article(kind)} `{kind}`.",
            _as_tuple(args, failure.excerpt(place)),
        ),
        wrap_in_tuple(failure.source(place), place),
    )


def _as_tuple(args: Any, written: str) -> str:
    """Return how to write a tuple of the inputs that are written so far as a list or by itself."""
    if not isinstance(args, list):
        return f"Write `({shortened(written)},)`."
    if not written.startswith("["):
        return f"Write `tuple({shortened(written)})`."
    if len(args) != 1:
        return "Write `(…)` for `[…]`."
    inside = written[1:-1].rstrip(", ")
    return f"Write `({shortened(inside)},)`."


def kwargs_container(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain ``kwargs`` that is not a dict."""
    kwargs = declaration.built.kwargs
    if kwargs is None or isinstance(kwargs, dict):
        return None
    kind, place = type(kwargs).__name__, declaration.target.places.kwargs
    return invalid_input(
        failure,
        place,
        Words(
            "Keyword inputs that are no dict",
            "The example's keyword inputs have to be a dict, and this is"
            f" {article(kind)} `{kind}`.",
        ),
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
        why = f"{forward} has no parameter `{name}`."
        words = Words("Unknown input", why, "Remove it or correct its name.")
        free = unused_parameters(declaration.built.model, declaration.built.kwargs or ())
        likely = rename_keyword(failure.source(by_name), by_name, name, free)
        return invalid_input(failure, by_name, words, likely)
    if "multiple values" in text:
        why = f"{forward} gets `{name}` by position and by name."
        return invalid_input(failure, by_name, Words("Input given twice", why, "Give it once."))
    if "missing" in text and name:
        why = f"{forward} also needs `{name}`, which the example inputs lack."
        words = Words(f"Missing input `{name}`", why, "Add it.")
    elif "too many positional" in text:
        why = f"{forward} takes fewer positional inputs than the example has."
        words = Words("Too many inputs", why, "Remove the rest.")
    else:
        why = f"The example inputs do not fit {forward}: {sentence(text)}"
        words = Words("Inputs that do not fit `forward`", why, "Give exactly its parameters.")
    return invalid_input(failure, places.args, words)
