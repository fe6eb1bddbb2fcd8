"""`verify`: the exported program breaks a rule of its dialect."""

from __future__ import annotations

import re
from dataclasses import replace

from export_lsp.protocol import Finding
from export_lsp.worker import locate, torch_text
from export_lsp.worker.failure import Failure
from export_lsp.worker.private import errors

# Python's `math` on a size: torch's function for it has no place in a program.
SYMBOLIC_FUNCTION = re.compile(r"Operator '<function _(sym_\w+)")


def explain(failure: Failure) -> Finding | None:
    """The finding at the line behind the violating node; None if no verifier raised."""
    violation = errors.find(locate.chain(failure.error), errors.VERIFIER)
    if violation is None:
        return None
    frames = locate.node_frames(failure.error, failure.workspace)
    blamed = replace(failure, frames=frames or failure.frames)
    function = SYMBOLIC_FUNCTION.search(str(violation))
    if function is not None:
        message = (
            f"`{blamed.expression}` becomes `{function[1]}`, which an exported program may not"
            " contain; compute it with tensor operations"
        )
    else:
        message = (
            f"What `{blamed.expression}` becomes is not allowed in an exported program:"
            f" {torch_text.one_line(str(violation))}"
        )
    return blamed.finding("verifier-violation", message)
