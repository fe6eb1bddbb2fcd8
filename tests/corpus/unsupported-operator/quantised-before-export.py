"""Quantises a model's layers and exports it afterwards."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        return self.body(x).softmax(-1)


model = torch.ao.quantization.quantize_dynamic(Classifier(), {nn.Linear})  #~ unsupported-operator `torch.ao.quantization.quantize_dynamic(Classifier(), {nn.Linear})`: quantise the exported program
example_args = (torch.randn(2, 6),)
