"""Exported programs that count as equal, or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.export import ExportedProgram

from export_lsp.worker.graph.equal_graphs import equal_graphs

INPUT = torch.ones(3, 4)
OFFSET = torch.arange(4.0)


class Model(nn.Module):  # type: ignore[misc]
    """Calls a function with itself and an input."""

    def __init__(self, forward: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
        self.register_buffer("count", torch.zeros(4))
        self.function = forward

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self, x)


def exported(forward: Callable[[Any, Any], Any], *, strict: bool = False) -> ExportedProgram:
    return torch.export.export(Model(forward), (INPUT,), strict=strict)


def counted(model: Any, x: torch.Tensor) -> torch.Tensor:
    model.count.add_(1)
    return x * model.count


def branched(model: Any, x: torch.Tensor) -> Any:
    return torch.cond(x.sum() > 0, lambda x: model.first(x), lambda x: model.second(x), (x,))


def used_in_another_order(model: Any, x: torch.Tensor) -> torch.Tensor:
    unused = x + 1  # noqa: F841
    return model.second(x) + model.first(x)


def without_gradients(model: Any, x: torch.Tensor) -> Any:
    with torch.no_grad():
        return model.first(x)


EQUAL = {
    "two layers": lambda model, x: model.first(x) + model.second(x),
    "layers in another order": used_in_another_order,
    "a change in place": counted,
    "a branch": branched,
    "a constant": lambda model, x: x + torch.tensor([1.0, 2.0, 3.0, 4.0]),
    "a block": without_gradients,
    "random numbers": lambda model, x: torch.dropout(x, 0.5, True) + torch.rand(4),
}


@pytest.mark.parametrize("forward", EQUAL.values(), ids=list(EQUAL))
def test_the_programs_of_both_modes_are_equal(forward: Callable[[Any, Any], Any]) -> None:
    assert equal_graphs(exported(forward), exported(forward, strict=True))


DIFFERENT: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "operators": (lambda model, x: x.relu(), lambda model, x: x.tanh()),
    "numbers": (lambda model, x: x * 2, lambda model, x: x * 2.5),
    "operands": (lambda model, x: model.first(x) - x, lambda model, x: x - model.first(x)),
    "parameters": (lambda model, x: model.first(x), lambda model, x: model.second(x)),
    "constants": (lambda model, x: x + OFFSET, lambda model, x: x + OFFSET.flip(0)),
    "dtypes": (lambda model, x: x.to(torch.float64), lambda model, x: x.to(torch.float16)),
    "outputs": (lambda model, x: (x, x + 1), lambda model, x: (x + 1, x)),
    "branches": (
        branched,
        lambda model, x: torch.cond(x.sum() > 0, model.second, model.first, (x,)),
    ),
    "changes in place": (counted, lambda model, x: x * model.count),
    "the time of a change": (
        lambda model, x: (model.count * x, model.count.add_(1))[0],
        lambda model, x: (model.count.add_(1), model.count * x)[1],
    ),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=list(DIFFERENT))
def test_programs_that_differ(
    one: Callable[[Any, Any], Any], other: Callable[[Any, Any], Any]
) -> None:
    assert not equal_graphs(exported(one), exported(other))
