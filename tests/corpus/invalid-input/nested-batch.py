"""Sentences of different lengths are given as a nested tensor."""

import torch
from torch import nn


class SentenceMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 3)

    def forward(self, batch):
        padded = torch.nested.to_padded_tensor(batch["words"], 0.0)
        return self.project(padded).mean(1)


def get_sentences():
    return torch.nested.nested_tensor([torch.randn(3, 6), torch.randn(5, 6)], layout=torch.jagged)


model = SentenceMean()
example_args = ({"words": get_sentences(), "count": 2},)  #~ invalid-input `get_sentences()`: `batch['words']` is a nested tensor
