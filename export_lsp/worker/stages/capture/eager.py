"""Is ``forward`` wrong in eager too?  Runs it once, on real values where they fit the budget."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker import locate
from export_lsp.worker.failure import USER_ERRORS, Failure
from export_lsp.worker.private import errors, fake_build, module_hooks
from export_lsp.worker.stages.capture import eager_texts
from export_lsp.worker.targets import Built

# Bytes of parameters up to which a model is given values to run in eager.
BUDGET = 1 << 30

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
    place = frames[-1].location if frames else None
    if not _same(place, failure.location):
        return None
    return failure.finding(
        "forward-error",
        eager_texts.told(replace(failure, frames=frames), error),
        location=place,
    )


def _same(place: Location | None, other: Location) -> bool:
    """Whether both name one place; Dynamo's columns may be a little wider than the traceback's."""
    return place is not None and (place.file, place.start) == (other.file, other.start)


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
        with unchanged(built.model):
            if _fits(built.model, inputs):
                _fill(built.model)
                args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, inputs)
                built.model(*args, **kwargs)
            else:
                args, kwargs = pytree.tree_map_only(torch.Tensor, fake_build.fake_like, inputs)
                with fake_build.parameter_mode():
                    built.model(*args, **kwargs)
    except USER_ERRORS as error:
        return error
    return None


def _fits(model: torch.nn.Module, inputs: Any) -> bool:
    fakes = [tensor for tensor in _state(model) if isinstance(tensor, FakeTensor)]
    leaves = [leaf for leaf in pytree.tree_leaves(inputs) if isinstance(leaf, torch.Tensor)]
    on_absent_device = any(tensor.device.type != "cpu" for tensor in fakes) or any(
        isinstance(leaf, FakeTensor) for leaf in leaves
    )
    size = sum(tensor.numel() * tensor.element_size() for tensor in fakes)
    return not on_absent_device and size <= BUDGET


def _state(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    yield from model.parameters()
    yield from model.buffers()


def _fill(model: torch.nn.Module) -> None:
    """Put small random values where parameters and buffers are fake; tied ones stay tied."""
    filled: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                if isinstance(tensor, FakeTensor):
                    if id(tensor) not in filled:
                        filled[id(tensor)] = _values_like(tensor)
                    table[name] = filled[id(tensor)]


def _values_like(tensor: torch.Tensor) -> torch.Tensor:
    values = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if values.is_floating_point():
        values.uniform_(-0.1, 0.1)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(values, tensor.requires_grad)
    return values


@contextlib.contextmanager
def unchanged(model: torch.nn.Module) -> Iterator[None]:
    """Put back, in the end, every attribute of every submodule that was set or removed within, and
    the hooks on all modules."""
    kept: list[tuple[torch.nn.Module, dict[str, Any]]] = []
    for module in model.modules():
        attributes = dict(module.__dict__)
        for name in ("_parameters", "_buffers", "_modules"):
            attributes[name] = dict(attributes[name])
        kept.append((module, attributes))
    try:
        with module_hooks.kept():
            yield
    finally:
        for module, attributes in kept:
            module.__dict__.clear()
            module.__dict__.update(attributes)
