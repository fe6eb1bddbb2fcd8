"""Messages for calls of functions that Dynamo does not trace.

Those are functions without Python code, those that Dynamo skips on purpose, and builtins that it
does not know. It names the function that it got to, which is often one that the user's call calls.
Texts seen in torch 2.13.
"""

from __future__ import annotations

import builtins
import re
import sys

from export_lsp.worker.text.public_names import public_names
from export_lsp.worker.text.sentences import Words, sentence

# Dynamo's words for a function that it does not trace, and the function's name.
UNTRACED = re.compile(
    r"trace the builtin `(?P<compiled>.+?)\.?`"
    r"|marked that the function `(?P<skipped>[^`]+)`"
    r"|trace (?:the function|builtin operator) `(?P<unknown>[^`]+)`"
    r"|trace method `(?P<method>[^`]+)` of class `(?P<kind>[^`]+)`"
    r"|calling the method `(?P<failing>[^`]+)`"
    r"|does not support next\(\) on (?P<iterated>\w+)"
)

# A part of a name that no user writes: `_patched_getfile`, `__new__`.
PRIVATE = re.compile(r"(?:^|\.)_|[<>]")

# Titles of calls: of a function that strict mode cannot trace, or that leads to one.
UNTRACED_CALL = "Untraceable call"

NON_STRICT = "export in non-strict mode (`strict=False`)"
OUTSIDE = "call it outside of `forward`, e.g. in `__init__`"


def untraced_call(expression: str, text: str) -> Words | None:
    """Return the words for a call of a function that Dynamo does not trace; None for others.

    Args:
        expression: the text of the failing expression.
        text: the whole text of Dynamo's exception.
    """
    match = UNTRACED.search(text)
    if match is None:
        return None
    name = public_names(next(filter(None, match.groups())))
    if match["method"]:
        name = match["method"] if match["kind"] == "type" else f"{match['kind']}.{match['method']}"
    why = "Strict mode cannot trace it."
    if match["iterated"] is None and _is_public(name) and not _is_named(name, expression):
        why = f"It calls `{name}`, which strict mode cannot trace."
    return Words(UNTRACED_CALL, why, sentence(_advice(match["compiled"] or "")))


def _is_public(name: str) -> bool:
    """Return whether a user may know a function: one of a module or class, or a builtin."""
    return PRIVATE.search(name) is None and ("." in name or hasattr(builtins, name))


def _is_named(name: str, expression: str) -> bool:
    """Return whether the user's expression itself calls a function or method of that name."""
    return re.search(rf"\b{re.escape(name.rpartition('.')[2])}\(", expression) is not None


def _advice(compiled: str) -> str:
    """The advice about a function; `compiled` is Dynamo's name of one without Python code."""
    module = compiled.partition(".")[0].lstrip("_")
    if module == "torch":
        return f"{NON_STRICT}, or {OUTSIDE}"
    if module.isidentifier() and module not in sys.stdlib_module_names:
        return f"{OUTSIDE}, or wrap it as a custom operator (`torch.library.custom_op`)"
    return OUTSIDE
