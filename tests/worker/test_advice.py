"""The advice of messages works: a model that follows it exports in both modes, by torch alone.

Each row names a file of the corpus whose check gives the advice, and a `forward` that follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch._higher_order_ops.while_loop import while_loop
from torch.func import functional_call, jvp
from torch.fx.experimental.proxy_tensor import make_fx

from tests.checking import Worker
from tests.corpus_annotations import CORPUS

VECTORS = (torch.rand(5, 4),)
SCALAR = (torch.rand(5, 4), torch.tensor(2))
MODES = ("non-strict", "strict")


@dataclass(frozen=True)
class Advice:
    """Words of a message about a file of the corpus, and a `forward` that does what they say."""

    words: str
    file: str
    followed: Callable[..., Any]
    args: tuple[Any, ...] = field(default=VECTORS)


class Model(nn.Module):  # type: ignore[misc]
    """Has a part of each kind, and calls a function with itself and its inputs."""

    def __init__(self, forward: Callable[..., Any]) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
        self.heads = nn.ModuleDict({"a": nn.Linear(4, 1)})
        self.scales = nn.ParameterList([torch.ones(4)])
        self.named = nn.ParameterDict({"a": torch.ones(4)})
        self.weight = nn.Parameter(torch.ones(4))
        self.register_buffer("count", torch.zeros(4))
        self.gradient = make_fx(torch.func.grad(lambda x: self.layer(x).sum()))(VECTORS[0])
        self.function = forward

    def forward(self, *args: Any) -> Any:
        return self.function(self, *args)


def mapped(model: Any, x: torch.Tensor) -> torch.Tensor:
    state = dict(model.layer.named_parameters())
    return torch.vmap(lambda row: functional_call(model.layer, state, (row,)))(x)


def centred(model: Any, x: torch.Tensor) -> torch.Tensor:
    count = model.count
    return torch.vmap(lambda row: row - count)(x)


def derived(model: Any, x: torch.Tensor) -> Any:
    weight = model.weight
    return jvp(lambda x: torch.tanh(x * weight), (x,), (torch.ones_like(x),))[1]


def detached(model: Any, x: torch.Tensor) -> torch.Tensor:
    leaf = x.clone().requires_grad_()
    return (leaf * 2).detach()


def written(model: Any, x: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
    x = x.clone()
    x[:, column.reshape(1)] = 0.0
    return x


def copied(model: Any, x: torch.Tensor, steps: torch.Tensor) -> Any:
    def unfinished(step: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        return step < steps

    def advance(step: torch.Tensor, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        row = rows.index_select(0, step.reshape(1)).tanh()
        return step + 1, rows.index_copy(0, step.reshape(1), row)

    return while_loop(unfinished, advance, (torch.tensor(0), x))[1]


def counted(model: Any, x: torch.Tensor) -> torch.Tensor:
    model.count.copy_(x.mean(0))
    return x - model.count


def first_rows(model: Any, x: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    kept = (torch.arange(x.shape[0]) < n).unsqueeze(1)
    return torch.where(kept, x, torch.zeros_like(x))


def checked(model: Any, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    rows = x[x.sum(1) > 1]
    torch._check(rows.shape[0] == y.shape[0])
    return rows + y


def converted(model: Any, x: torch.Tensor) -> torch.Tensor:
    half = model.layer.weight.to(torch.bfloat16)
    return nn.functional.linear(x.to(torch.bfloat16), half).float().std(-1)


def in_sequence(model: Any, x: torch.Tensor) -> torch.Tensor:
    for layer in model.layers:
        x = layer(x)
    return x


ADVICE = (
    Advice("before the transform", "graph-break/mapped-layer.py", mapped),
    Advice("before the transform", "graph-break/mapped-buffer.py", centred),
    Advice("before the transform", "graph-break/directional-derivative.py", derived),
    Advice("`.detach()`", "graph-break/heads-stacked-in-forward.py", detached),
    Advice("`.reshape(1)`", "data-dependent-guard/masked-column.py", written, SCALAR),
    Advice("`index_copy`", "data-dependent-guard/rollout-buffer.py", copied, SCALAR),
    Advice("`torch.where`", "data-dependent-guard/item-of-float.py", first_rows, SCALAR),
    Advice(
        "`torch._higher_order_ops.while_loop`",
        "data-dependent-branch/early-exit-loop.py",
        copied,
        SCALAR,
    ),
    Advice(
        "`torch.where` or `torch.cond`",
        "data-dependent-branch/bool-call.py",
        lambda model, x: torch.cond(x.sum() > 0, torch.sin, torch.cos, (x,)),
    ),
    Advice(
        "`torch._check(",
        "data-dependent-guard/assert-equal-lengths.py",
        checked,
        (torch.ones(3, 4), torch.ones(3, 4)),
    ),
    Advice(
        "Use `rows.shape[0]`",
        "data-dependent-guard/len-of-selection.py",
        lambda model, x: x.sum() / x[x > 0.5].shape[0],
    ),
    Advice(
        "`num_classes`",
        "data-dependent-guard/one-hot-of-largest.py",
        lambda model, x: nn.functional.one_hot(x.argmax(-1), num_classes=4),
    ),
    Advice(
        "Sort with `torch.sort`",
        "data-dependent-branch/sort-by-tensor-key.py",
        lambda model, x: x[torch.sort(x.sum(1)).indices],
    ),
    Advice("Use `nn.ModuleList`", "unregistered-state/blocks-in-a-list.py", in_sequence),
    Advice(
        "Use `nn.ModuleDict`",
        "unregistered-state/heads-in-a-dict.py",
        lambda model, x: {name: head(x) for name, head in model.heads.items()},
    ),
    Advice(
        "Use `nn.ParameterList`",
        "several/plain-containers.py",
        lambda model, x: x * model.scales[0],
    ),
    Advice("(`copy_`)", "unregistered-state/buffer-assigned.py", counted),
    Advice(
        "`.detach()`",
        "unregistered-state/buffer-data-assigned.py",
        lambda model, x: x + model.weight.detach(),
    ),
    Advice(
        "make_fx`",
        "unsupported-operator/autograd-in-forward.py",
        lambda model, x: model.gradient(x),
    ),
    Advice(
        "Write `dict(self.gains.items())`",
        "graph-break/dict-of-parameter-dict.py",
        lambda model, x: x * dict(model.named.items())["a"],
    ),
    Advice(
        "Use `.clone()`",
        "graph-break/deepcopy-of-tensor.py",
        lambda model, x: x.clone().add_(1),
    ),
    Advice(
        "Return a copy (`.clone()`)",
        "graph-break/cond-branch-aliases-input.py",
        lambda model, x: torch.cond(x.sum() > 0, torch.sin, lambda x: x.clone(), (x,)),
    ),
    Advice(
        "`torch.rand`",
        "numerics-mismatch/random-scale.py",
        lambda model, x: x * (0.5 + torch.rand(())),
    ),
    Advice("convert the tensors", "numerics-mismatch/autocast-statistics.py", converted),
    Advice(
        "(`index_add`)",
        "graph-break/sparse-laplacian.py",
        lambda model, x: torch.zeros(5, 4).index_add(0, torch.tensor([0, 2]), x[:2]),
    ),
    Advice(
        "without `.item()`",
        "data-dependent-guard/item-of-float.py",
        lambda model, x: torch.where(x.mean() > 0.5, x, -x),
    ),
    Advice(
        "Return tensors and numbers only",
        "serialization-error/string-output.py",
        lambda model, x: (x.sum(), 3),
    ),
)
IDS = [f"{Path(each.file).stem}: {each.words}" for each in ADVICE]


@pytest.fixture(scope="module")
def messages(worker: Worker) -> dict[str, str]:
    """Return the messages about each file, joined."""
    files = {CORPUS / each.file for each in ADVICE}
    return {
        str(file.relative_to(CORPUS)): "\n".join(each.message for each in result.findings)
        for file, result in worker.check_all(files).items()
    }


@pytest.mark.parametrize("advice", ADVICE, ids=IDS)
def test_advice_is_given(advice: Advice, messages: dict[str, str]) -> None:
    assert advice.words in messages[advice.file]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("advice", ADVICE, ids=IDS)
def test_what_follows_the_advice_exports(advice: Advice, mode: str) -> None:
    torch._dynamo.reset()
    model = Model(advice.followed)
    program = torch.export.export(model, advice.args, strict=mode == "strict")
    program.module()(*advice.args)
    program.run_decompositions()
