"""The finding for a part of dynamic_shapes that does not fit the example inputs."""

from __future__ import annotations

from collections.abc import Iterable

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure


def invalid(
    failure: Failure,
    location: Location,
    message: str,
    remedies: Iterable[Remedy] = (),
    *,
    instead: str | None = None,
) -> Finding:
    """`instead` is what fits, in place of the part."""
    if instead is not None:
        remedies = (*remedies, Remedy("replace", location, instead))
    return failure.finding(
        "invalid-dynamic-shapes", message, location=location, remedies=tuple(remedies)
    )
