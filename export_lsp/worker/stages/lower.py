"""`lower`: the captured graph cannot become an exported program."""

from __future__ import annotations

import re

from export_lsp.protocol import Finding
from export_lsp.worker.failure import Failure

FAKE_CONSTANT = "fake tensor in the exported program constant"
CLEARED = re.compile(r"expected FakeTensor, got <class '(.*?)'>")


def explain(failure: Failure) -> Finding | None:
    """The finding for constants and state that do not survive lowering; None for anything else."""
    if FAKE_CONSTANT in failure.text:
        return failure.finding(
            "unsupported-operator",
            "A tensor computed in `forward` escapes the trace and would become a constant without"
            " data; look for operators that keep results outside the graph, such as"
            " `torch.autograd.grad`",
        )
    if CLEARED.search(failure.text):
        return failure.finding(
            "unregistered-state",
            f"`{failure.expression}` is a buffer or parameter that `forward` replaces by something"
            " else; keep it a tensor and change it in place (`copy_`)",
        )
    return None
