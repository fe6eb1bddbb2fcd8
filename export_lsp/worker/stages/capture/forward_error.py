"""``forward`` fails in eager mode too, or on the values of the example inputs."""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.eager_record import EagerError
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import forward_error_messages


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding if eager mode fails at the same location; None if only the trace does.

    See `capture.explain`. Runs the model in eager mode unless that was done before.
    """
    if not failure.stack:
        return None
    error = failure.eager().error
    if error is None or not error.stack:
        return None
    in_eager = replace(failure, stack=error.stack)
    if not _same(in_eager.call, failure.call):
        return None
    return in_eager.finding("forward-error", forward_error_messages.words(in_eager, error))


def explain_eager(failure: Failure, error: BaseException) -> Finding:
    """Return the finding for a model that exports, but fails in eager mode on the example inputs.

    `error` is what eager mode raised, at the innermost frame of `failure`.
    """
    raised = EagerError.of(error, failure.stack)
    return failure.finding(
        "forward-error", forward_error_messages.words(failure, raised, "in eager mode")
    )


def _same(place: Location, other: Location) -> bool:
    """Return whether both start together: Dynamo's ranges may end later than a traceback's."""
    return (place.file, place.start) == (other.file, other.start)
