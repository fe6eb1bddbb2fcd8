"""`lower`: the captured graph cannot become an exported program.

In ``torch/export/_trace.py`` that is ``_export_to_aten_ir`` and ``_produce_aten_artifact``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import operator_messages
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.text.sentences import Words

FAKE_CONSTANT = "fake tensor in the exported program constant"
GRADIENT = ("autograd.grad", ".backward")
CLEARED = re.compile(r"expected FakeTensor, got <class '(.*?)'>")


def is_fake_constant(error: BaseException) -> bool:
    """Return whether torch refused a fake tensor among the constants of a program.

    If the model has fake parameters, these may be the reason: a list of tensors made of them
    becomes a constant.  Only the export of a model with real parameters shows whether they are.
    """
    return FAKE_CONSTANT in text_of(error)


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for constants and state that cannot be lowered; None for other failures.

    Args:
        failure: what torch raised, with its stack.
        built: the model and the example inputs that were exported.
    """
    if is_fake_constant(failure.error):
        gradient = _gradient_call(failure, built)
        if gradient is not None:
            return replace(failure, stack=Stack(failure.stack.frames)).finding(
                "unsupported-operator",
                operator_messages.GRADIENT,
                location=gradient,
            )
        return failure.finding(
            "unsupported-operator",
            Words(
                "Result computed outside of the trace",
                "An operator in `forward` computes outside of what export traces, so its result"
                " would become a constant without data.",
                "Compute it with tensor operations.",
            ),
        )
    if CLEARED.search(failure.text):
        return failure.finding(
            "unregistered-state",
            Words(
                "Buffer that loses its tensor",
                "`forward` replaces a buffer or parameter by something that is not a tensor.",
                "Keep it a tensor and change it in place (`copy_`).",
            ),
        )
    return None


def _gradient_call(failure: Failure, built: Built) -> Location | None:
    """The call of autograd that leaves the trace; torch names only the constant it results in.

    Only classes of the model's modules are searched.
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
