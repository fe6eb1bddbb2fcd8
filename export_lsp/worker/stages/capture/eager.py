"""Is ``forward`` wrong in eager too?  Runs it once on fake tensors of the example's sizes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker import locate
from export_lsp.worker.failure import USER_ERRORS, Failure, reason
from export_lsp.worker.private import fake_build
from export_lsp.worker.stages.build import Built


def explain(failure: Failure, built: Built) -> Finding | None:
    """The finding if eager fails at the same place; None if only tracing does."""
    if not failure.frames:
        return None
    error = _run(built)
    if error is None:
        return None
    frames = locate.frames_of(error, failure.workspace)
    place = frames[-1].location if frames else None
    if not _same(place, failure.location):
        return None
    return failure.finding(
        "forward-error",
        f"`{failure.expression}` fails in eager too: {reason(error)}",
        location=place,
    )


def _same(place: Location | None, other: Location) -> bool:
    """Whether both name one place; Dynamo's columns may be a little wider than the traceback's."""
    return place is not None and (place.file, place.start) == (other.file, other.start)


def _run(built: Built) -> BaseException | None:
    """What the model raises on fake inputs with concrete sizes; None if it runs."""

    def fake(value: torch.Tensor) -> torch.Tensor:
        return fake_build.fake_like(value)

    args, kwargs = pytree.tree_map_only(torch.Tensor, fake, (built.args, built.kwargs or {}))
    try:
        with unchanged(built.model), fake_build.parameter_mode(), torch.no_grad():
            built.model(*args, **kwargs)
    except USER_ERRORS as error:
        return error
    return None


@contextlib.contextmanager
def unchanged(model: torch.nn.Module) -> Iterator[None]:
    """Put back, in the end, every attribute of every submodule that was set or removed within."""
    kept: list[tuple[torch.nn.Module, dict[str, Any]]] = []
    for module in model.modules():
        attributes = dict(module.__dict__)
        for name in ("_parameters", "_buffers", "_modules"):
            attributes[name] = dict(attributes[name])
        kept.append((module, attributes))
    try:
        yield
    finally:
        for module, attributes in kept:
            module.__dict__.clear()
            module.__dict__.update(attributes)
