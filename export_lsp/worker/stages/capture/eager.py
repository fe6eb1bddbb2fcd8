"""Is ``forward`` wrong in eager too?"""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.eager_record import EagerError
from export_lsp.worker.data.target import Built
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.capture import eager_texts


def explain(failure: Failure, built: Built) -> Finding | None:
    """The finding if eager fails at the same place; None if only tracing does."""
    if not failure.frames:
        return None
    error = failure.eager().error
    place = error.frames[-1].location if error is not None and error.frames else None
    if error is None or not _same(place, failure.location):
        return None
    return failure.finding(
        "forward-error",
        eager_texts.told(replace(failure, frames=error.frames), error),
        location=place,
    )


def forward_error(failure: Failure, error: BaseException) -> Finding:
    """The finding for a model that exports and fails on the values of its example inputs."""
    told = eager_texts.told(failure, EagerError.of(error, failure.frames))
    told = told.replace("in eager too", "in eager")
    return failure.finding("forward-error", told)


def _same(place: Location | None, other: Location) -> bool:
    """Whether both name one place; Dynamo's columns may be a little wider than the traceback's."""
    return place is not None and (place.file, place.start) == (other.file, other.start)
