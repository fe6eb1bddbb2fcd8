"""Builds a nested tensor from sequences of different lengths."""

import torch
from torch import nn


class Batcher(nn.Module):
    def forward(self, first, second):
        batch = torch.nested.nested_tensor([first, second])  #~ unsupported-operator `torch.nested.nested_tensor([first, second])`
        return batch.to_padded_tensor(0.0)


model = Batcher()
example_args = (torch.randn(2, 4), torch.randn(3, 4))
