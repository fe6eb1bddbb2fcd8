"""Outputs of ``forward`` that are not tensors in registered pytrees."""

from __future__ import annotations

import re
from dataclasses import replace

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.remedies import registrations
from export_lsp.worker.text.sentences import Words, article
from export_lsp.worker.text.ways_out import way_out_for_output

# The third is a text of strict mode in torch 2.6.
UNSUPPORTED_TYPE = re.compile(
    r"Found (<class '.*?'>) in output|unrecognized type (.*?) at output"
    r"|one of the outputs with type `(.*?)` is not supported"
)
CLASS = re.compile(r"<class '(?:.*\.)?(.*?)'>")
# Strict mode names Dynamo's class, and sometimes the user's: "UserDefinedObjectVariable(Cache)".
VARIABLE = re.compile(r"(\w*)Variable\((?:.*\.)?(\w*)\)")
REGISTER = (
    "Return its tensors in tuples, lists or dicts, or register the type"
    " (`torch.export.register_dataclass`, `torch.utils._pytree.register_pytree_node`)."
)
FUNCTIONS = ("function", "method", "builtin_function_or_method")


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for an output of an unsupported type; None for any other failure.

    See `capture.explain`. The finding is at the expression that ``forward`` returns.
    """
    match = UNSUPPORTED_TYPE.search(failure.text)
    if match is None:
        return None
    name = kind_of(match[1] or match[2] or match[3])
    remedies = tuple(registrations.register_class(name, failure.workspace))
    known = None if remedies else way_out_for_output(name)  # a class of the user's has remedies
    if name in FUNCTIONS:
        words = Words(
            "Function as an output",
            "The outputs of an exported program are tensors and plain values.",
            "Call it in `forward` and return tensors.",
        )
    elif name in ("set", "frozenset"):
        words = Words(
            f"`{name}` as an output",
            f"A `{name}` has no order, which the outputs of an exported program need.",
            "Return a list or tuple of tensors.",
        )
    else:
        words = Words(
            f"`{name}` as an output",
            f"`forward` returns {article(name)} `{name}`, which torch.export cannot look into.",
            known.advice if known is not None else REGISTER,
        )
    captured = replace(failure, stage="capture", stack=Stack(failure.stack.frames))
    place = return_expression(failure.workspace, built)
    return captured.finding(
        "unsupported-output",
        words,
        location=place,
        url=known.url if known is not None else None,
        remedies=remedies,
    )


def kind_of(text: str) -> str:
    """Return the name of the user's type from torch's words for an output."""
    if match := CLASS.search(text):
        return match[1]
    if match := VARIABLE.search(text):
        if "Function" in match[1] or "Method" in match[1]:
            return "function"
        return match[2] or match[1].lower()
    return text.strip("`'\"")
