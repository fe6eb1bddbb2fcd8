"""The batch is a dataclass that nobody registered with torch.export."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Batch:
    tokens: torch.Tensor
    lengths: torch.Tensor


class Pooler(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 8)

    def forward(self, batch, scale):
        total = self.embed(batch.tokens).sum(1)
        return scale * total / batch.lengths.unsqueeze(-1)


model = Pooler
example_args = (
    Batch(torch.ones(2, 5, dtype=torch.long), torch.tensor([5.0, 3.0])),  #~ invalid-input `Batch(torch.ones(2, 5, dtype=torch.long), torch.tensor([5.0, 3.0]))`: Batch
    torch.tensor(0.5),
)
