"""One head for each task, in a `ModuleDict`; a plain list holds layers without parameters."""

import torch
from torch import nn


class Tasks(nn.Module):
    def __init__(self, tasks=("depth", "normals")):
        super().__init__()
        self.heads = nn.ModuleDict({task: nn.Linear(4, 1) for task in tasks})
        self.activations = [nn.ReLU(), nn.Tanh()]

    def forward(self, features):
        for activation in self.activations:
            features = activation(features)
        return {task: head(features) for task, head in self.heads.items()}


model = Tasks
example_args = (torch.randn(2, 4),)
