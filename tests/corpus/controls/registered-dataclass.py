"""The batch and the output are dataclasses that were registered."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Batch:
    tokens: torch.Tensor
    lengths: torch.Tensor


@dataclass
class Output:
    pooled: torch.Tensor
    total: torch.Tensor


torch.export.register_dataclass(Batch, serialized_type_name="corpus.Batch")
torch.export.register_dataclass(Output, serialized_type_name="corpus.Output")


class Pooler(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 8)

    def forward(self, batch):
        total = self.embed(batch.tokens).sum(1)
        return Output(total / batch.lengths.unsqueeze(-1), total)


export_targets = {
    "pooler": {
        "model": Pooler,
        "args": lambda: (Batch(torch.ones(2, 5, dtype=torch.long), torch.tensor([5.0, 3.0])),),
    }
}
