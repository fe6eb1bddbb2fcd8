"""`verify`: the exported program breaks a rule of its dialect."""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Finding
from export_lsp.worker import locate
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.private import errors


def explain(failure: Failure) -> Finding | None:
    """The finding at the line behind the violating node; None if no verifier raised."""
    violation = errors.find(locate.chain(failure.error), errors.VERIFIER)
    if violation is None:
        return None
    frames = locate.node_frames(failure.error, failure.workspace)
    blamed = replace(failure, frames=frames or failure.frames)
    return blamed.finding(
        "verifier-violation",
        f"What `{blamed.expression}` became is not allowed in an exported program:"
        f" {reason(violation)}",
    )
