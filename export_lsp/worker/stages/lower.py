"""`lower`: the captured graph cannot become an exported program."""

from __future__ import annotations

import ast
import re

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import operator_messages
from export_lsp.worker.text.exception_text import text_of

FAKE_CONSTANT = "fake tensor in the exported program constant"
GRADIENT = ("autograd.grad", ".backward")
CLEARED = re.compile(r"expected FakeTensor, got <class '(.*?)'>")


class FakeConstantError(Exception):
    """The exported program would hold a fake tensor as a constant, and the model has fake
    parameters: only one with real parameters tells whether that is the model's own doing."""


def holds_fake(error: BaseException) -> bool:
    """Whether lowering refused a fake tensor among the constants."""
    return FAKE_CONSTANT in text_of(error)


def explain(failure: Failure, built: Built) -> Finding | None:
    """The finding for constants and state that do not survive lowering; None for anything else."""
    if holds_fake(failure.error):
        gradient = _gradient_call(failure, built)
        if gradient is not None:
            return failure.finding(
                "unsupported-operator",
                operator_messages.GRADIENT.format(expression=failure.excerpt(gradient)),
                location=gradient,
            )
        return failure.finding(
            "unsupported-operator",
            "An operator in `forward` computes outside of what export traces, so its result would"
            " become a constant without data; compute it with tensor operations",
        )
    if CLEARED.search(failure.text):
        return failure.finding(
            "unregistered-state",
            f"`{failure.expression}` is a buffer or parameter that `forward` replaces by something"
            " that is not a tensor; keep it a tensor and change it in place (`copy_`)",
        )
    return None


def _gradient_call(failure: Failure, built: Built) -> Location | None:
    """The call that leaves the trace: torch names a constant, not the autograd call behind it.

    Only the classes that the model is made of are looked through.
    """
    classes = {type(module).__name__ for module in built.model.modules()}
    for source in failure.workspace.sources.values():
        for definition in source.nodes:
            if not isinstance(definition, ast.ClassDef) or definition.name not in classes:
                continue
            for node in ast.walk(definition):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(GRADIENT):
                    return source.location_of(node)
    return None
