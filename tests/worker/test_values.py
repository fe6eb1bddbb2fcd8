"""Values for fake parameters, and copies that keep the aliasing of their originals."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor

from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.execution.tensor_copies import TensorCopies
from export_lsp.worker.execution.values import RandomValues, replace_tensors
from export_lsp.worker.private import fake_build
from tests.checking import Worker, wait_until


def test_tied_and_listed_parameters_get_the_same_values() -> None:
    with fake_build.fake_parameters():
        model = nn.ModuleDict({"lstm": nn.LSTM(3, 3), "one": nn.Linear(3, 3)})
        model["two"] = nn.Linear(3, 3)
        model["two"].weight = model["one"].weight
    with state_restored(model):
        replace_tensors(model, RandomValues().tensor)
        assert model["two"].weight is model["one"].weight
        assert not isinstance(model["one"].weight, FakeTensor)
        assert model["lstm"]._flat_weights[0] is model["lstm"].weight_ih_l0
        model["lstm"](torch.randn(2, 3))
    assert isinstance(model["one"].weight, FakeTensor)
    assert isinstance(model["lstm"]._flat_weights[0], FakeTensor)


def test_copies_share_memory_as_their_originals_do() -> None:
    whole = torch.zeros(4)
    first, again, part = TensorCopies().of((whole, whole, whole[1:]))
    assert first is again
    first.fill_(1)
    assert part.tolist() == [1, 1, 1]
    assert whole.tolist() == [0, 0, 0, 0]


def test_copies_require_gradients_as_their_originals_do() -> None:
    leaf = torch.zeros(2, requires_grad=True)
    made, from_it = TensorCopies().of((leaf, leaf * 2))
    assert made.requires_grad
    assert from_it.requires_grad


def test_every_check_draws_the_same_random_numbers(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(
        "import random, torch\n"
        "import numpy\n"
        "raise ValueError(torch.rand(1), random.random(), numpy.random.rand())\n"
        "model = example_args = None\n"
    )
    first, second = ([finding.message for finding in worker.check(file).findings] for _ in range(2))
    assert first == second
    assert "tensor" in first[0]


def test_a_target_with_questions_also_runs_in_eager_mode(worker: Worker, tmp_path: Path) -> None:
    file, ran = tmp_path / "model.py", tmp_path / "ran"
    file.write_text(
        f"""
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        if type(x) is torch.Tensor:
            open({str(ran)!r}, "w").close()
        return x + 1


model, example_args = Net(), (torch.randn(4),)
"""
    )
    checks = {"modes": ("non-strict",), "stages": ("load", "build", "capture")}
    assert worker.check(file, **checks).findings == []
    assert not ran.exists()
    assert worker.check(file, questions=("model",), **checks).findings == []
    wait_until(ran.exists)


def test_a_models_state_is_restored_in_the_same_objects() -> None:
    class Config(dict[str, int]):
        pass

    model = nn.Linear(2, 2)
    model._cache = {"first": 1}
    model._config = Config(width=2)
    model._config.width = 2
    cache, parameters, config = model._cache, model._parameters, model._config
    with state_restored(model):
        model._cache["second"] = 2
        model._config = Config()
        del model.weight
        model._parameters = {}
    assert model._cache is cache
    assert cache == {"first": 1}
    assert model._config is config
    assert config.width == 2
    assert model._parameters is parameters
    assert list(parameters) == ["weight", "bias"]
