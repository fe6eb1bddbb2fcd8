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
    if not failure.frames:
        return None
    error = failure.eager().error
    place = error.frames[-1].location if error is not None and error.frames else None
    if error is None or not _same(place, failure.location):
        return None
    return failure.finding(
        "forward-error",
        forward_error_messages.message(replace(failure, frames=error.frames), error),
        location=place,
    )


def explain_eager(failure: Failure, error: BaseException) -> Finding:
    """Return the finding for a model that exports, but fails in eager mode on the example inputs.

    `error` is what eager mode raised, at the innermost frame of `failure`.
    """
    raised = EagerError.of(error, failure.frames)
    return failure.finding(
        "forward-error", forward_error_messages.message(failure, raised, "in eager")
    )


def _same(place: Location | None, other: Location) -> bool:
    """Return whether both start together: Dynamo's ranges may end later than a traceback's."""
    return place is not None and (place.file, place.start) == (other.file, other.start)
