"""The cost of an exported program, estimated from its graph."""

from __future__ import annotations

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from export_lsp.worker.execution.smaller_inputs import small_sizes
from export_lsp.worker.graph.cost import cost_of, decomposed_operators


class Product(nn.Module):  # type: ignore[misc]
    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.relu(a @ b)


def product(rows: int = 64) -> ExportedProgram:
    batch = Dim("batch", min=2)
    inputs = torch.randn(rows, 32), torch.randn(32, 16)
    return torch.export.export(Product(), inputs, dynamic_shapes=({0: batch}, None))


def test_a_product_takes_two_operations_for_each_pair() -> None:
    result = 64 * 16
    cost = cost_of(product())
    assert cost.flops == 2 * result * 32 + result
    assert cost.moved == 2 * result * 4
    assert cost.peak == 2 * result * 4


def test_a_smaller_batch_costs_less() -> None:
    program = product()
    sizes = small_sizes(program)
    assert list(sizes.values()) == [4]
    assert cost_of(program, sizes).flops == cost_of(program).flops / 16


def test_a_batch_that_is_small_stays() -> None:
    assert small_sizes(product(rows=3)) == {}


def test_a_recurrent_layer_is_unrolled_into_its_steps() -> None:
    class Recurrent(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LSTM(4, 4, num_layers=2, batch_first=True)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.layer(x)[0]
            return output

    program = torch.export.export(Recurrent(), (torch.randn(1, 50, 4),))
    estimated = decomposed_operators(program)
    unrolled = len(program.run_decompositions().graph.nodes)
    assert 0.7 * unrolled < estimated < 1.5 * unrolled
