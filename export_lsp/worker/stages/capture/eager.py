"""Is ``forward`` wrong in eager too?  Runs it once, on real values where they fit the budget."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker import locate, values
from export_lsp.worker.failure import USER_ERRORS, Failure
from export_lsp.worker.private import errors, fake_build
from export_lsp.worker.stages.capture import eager_texts
from export_lsp.worker.targets import Built

HIGHER_ORDER_OPS = "_higher_order_ops"

# What only fake tensors cannot do; the model may well run in eager.
FAKE_ONLY = (
    *errors.DATA_DEPENDENT_OUTPUT,
    *errors.DYNAMIC_OUTPUT,
    *errors.UNSUPPORTED_OPERATOR,
)


def explain(failure: Failure, built: Built) -> Finding | None:
    """The finding if eager fails at the same place; None if only tracing does."""
    if not failure.frames:
        return None
    error = _run(built)
    if error is None or isinstance(error, FAKE_ONLY) or _in_higher_order_op(error):
        return None
    frames = locate.frames_of(error, failure.workspace)
    if not frames or not _same(frames[-1].location, failure.location):
        return None
    told = eager_texts.told(replace(failure, frames=frames), error)
    return failure.finding("forward-error", told, location=frames[-1].location)


def forward_error(failure: Failure, error: BaseException) -> Finding:
    """The finding for a model that exports and fails on the values of its example inputs."""
    told = eager_texts.told(failure, error).replace("in eager too", "in eager")
    return failure.finding("forward-error", told)


def _same(place: Location, other: Location) -> bool:
    """Whether both name one place; Dynamo's columns may be a little wider than the traceback's."""
    return (place.file, place.start) == (other.file, other.start)


def _in_higher_order_op(error: BaseException) -> bool:
    """``torch.cond`` and its like capture their branches in eager too, so eager proves nothing."""
    tb = error.__traceback__
    while tb is not None:
        if HIGHER_ORDER_OPS in tb.tb_frame.f_code.co_filename:
            return True
        tb = tb.tb_next
    return False


def _run(built: Built) -> BaseException | None:
    """What the model raises in eager; None if it runs.

    Fake parameters are given values if all fit the budget and none is on a device that is absent;
    else everything is fake, with concrete sizes.
    """
    inputs = (built.args, built.kwargs or {})
    try:
        with values.unchanged(built.model):
            if values.fit(built.model, inputs):
                values.substitute(built.model, values.Filling().tensor)
                args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, inputs)
                built.model(*args, **kwargs)
            else:
                args, kwargs = pytree.tree_map_only(torch.Tensor, fake_build.fake_like, inputs)
                with fake_build.parameter_mode():
                    built.model(*args, **kwargs)
    except USER_ERRORS as error:
        return error
    return None
