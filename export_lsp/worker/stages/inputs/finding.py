"""Findings for arguments of ``torch.export.export`` that it does not accept."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words

# Returns the finding for a failure; None if it does not recognise the failure.
Explainer = Callable[[Failure, Declaration], Finding | None]


def invalid_input(
    failure: Failure, location: Location, words: Words, remedies: Iterable[Remedy] = ()
) -> Finding:
    """Return the finding for a model or example inputs, at `location` in the declaration."""
    return failure.finding("invalid-input", words, location=location, remedies=tuple(remedies))


def invalid_spec(
    failure: Failure,
    location: Location,
    words: Words,
    remedies: Iterable[Remedy] = (),
    *,
    instead: str | None = None,
) -> Finding:
    """Return the finding for a part of dynamic_shapes, at `location` in the declaration.

    `instead` is text that would fit in place of that part.
    """
    if instead is not None:
        remedies = (*remedies, Remedy("replace", location, instead))
    return failure.finding(
        "invalid-dynamic-shapes", words, location=location, remedies=tuple(remedies)
    )
