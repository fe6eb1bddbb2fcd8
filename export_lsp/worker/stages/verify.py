"""`verify`: the exported program breaks a rule of its dialect.

In ``torch/export/_trace.py`` that is ``_verify_nn_module_stack``, ``_verify_stack_trace``,
``_verify_placeholder_names`` and the dialect's ``Verifier``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from export_lsp.protocol import Finding, Location
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private import errors, verifiers
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, sentence

LABEL = "Operation that is not allowed"

# torch's functions for those of Python's ``math`` on a size: no dialect allows them.
SYMBOLIC_FUNCTION = re.compile(r"Operator '<function _(sym_\w+)")


def explain(failure: Failure) -> list[Finding]:
    """Return a finding for each violating node, at its line; none if no verifier raised.

    A verifier raises at the first node it refuses; the others are found by asking it again.
    """
    violation = errors.find(locate.chain(failure.error), errors.VERIFIER)
    if violation is None:
        return []
    found: dict[tuple[Location, str], Finding] = {}
    for node, refused in verifiers.violations(violation):
        stack = node_frames.stack_of_node(node, failure.workspace)
        finding = _finding(replace(failure, error=refused, stack=stack or failure.stack))
        found.setdefault((finding.location, finding.message), finding)
    if found:
        return list(found.values())
    stack = locate.stack_of_failed_node(failure.error, failure.workspace)
    return [_finding(replace(failure, error=violation, stack=stack or failure.stack))]


def _finding(failure: Failure) -> Finding:
    function = SYMBOLIC_FUNCTION.search(failure.text)
    if function is not None:
        words = Words(
            LABEL,
            "It becomes a function of sizes that an exported program may not contain.",
            "Compute it with tensor operations.",
        )
    else:
        words = Words(
            LABEL,
            "It becomes an operation that an exported program may not contain:"
            f" {sentence(torch_text.one_line(failure.text))}",
        )
    return failure.finding("verifier-violation", words)
