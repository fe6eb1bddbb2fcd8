"""The fake kernel of a custom operator says float where the real one gives indices."""

import torch
from torch import nn


@torch.library.custom_op("corpus_wrong_dtype::best", mutates_args=())
def best(x: torch.Tensor) -> torch.Tensor:
    return x.argmax(-1)


@best.register_fake
def _(x):
    return x.new_empty(x.shape[:-1])


class Classify(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 5)

    def forward(self, x):
        return best(self.fc(x))  #~ numerics-mismatch `best(self.fc(x))`: its fake kernel says float32


model = Classify
example_args = (torch.randn(4, 3),)
