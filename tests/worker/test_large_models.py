"""Models whose inputs, activations or work are too large for a machine export all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.stages import DEFAULT_STAGES
from tests.checking import Worker
from tests.corpus_annotations import differences

MODELS = sorted((Path(__file__).parent / "large_models").glob("*.py"))

# Bytes: far less than any of the models has in values.
PEAK = 2 << 30


def test_there_are_models() -> None:
    assert len(MODELS) >= 10


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_a_large_model_takes_little_memory(file: Path, worker: Worker) -> None:
    checked = worker.check(file, stages=DEFAULT_STAGES, timeout=400, memory_limit=8 << 30)
    assert differences(file, checked.findings) == []
    assert checked.peak_memory < PEAK


def test_smaller_sizes_are_compared_where_dynamic_shapes_allows_them(worker: Worker) -> None:
    file = next(model for model in MODELS if model.stem == "module_level")
    assert "is left out" not in worker.check(file, stages=DEFAULT_STAGES).log


def test_an_input_whose_values_are_read_is_real(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "model.py"
    file.write_text(
        """
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x + 1


def get_inputs():
    x = torch.rand(5000, 5000)
    assert (x >= 0).all()
    return [x]
"""
    )
    assert worker.check(file).findings == []
