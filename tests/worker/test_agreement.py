"""Results of eager mode and of an exported program that count as equal, or not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from export_lsp.worker.stages.run.agreement import agree

NAN = float("nan")
LARGE = torch.tensor([1e4, 1e-3])


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (torch.tensor([NAN, float("inf")]), torch.tensor([NAN, float("inf")])),
        (LARGE, LARGE + torch.tensor([0.1, 0.1])),
        (LARGE.bfloat16(), LARGE.bfloat16() * 1.01),
        (torch.empty(0, 3), torch.empty(0, 3)),
        (NAN, NAN),
        (3.0, 3),
        ("mode", "mode"),
        (None, None),
        (torch.eye(2).to_sparse(), torch.eye(2).to_sparse()),
        (object(), object()),
    ],
)
def test_agree(expected: Any, actual: Any) -> None:
    assert agree(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (torch.ones(3), torch.ones(3) * 1.01),
        (torch.ones(3), torch.ones(1, 3)),
        (torch.ones(3), torch.ones(3).double()),
        (torch.tensor([1, 2]), torch.tensor([1, 3])),
        (torch.tensor([1.0, NAN]), torch.tensor([1.0, 2.0])),
        (torch.tensor([True]), torch.tensor([False])),
        (2.0, 2.1),
        (3, 4),
        ("mode", "other"),
        (None, torch.ones(1)),
    ],
)
def test_differ(expected: Any, actual: Any) -> None:
    assert not agree(expected, actual)
