"""Layers in a ModuleDict of ModuleLists, weights in a ParameterList and a ParameterDict."""

import torch
from torch import nn


class MultiTask(nn.Module):
    def __init__(self, tasks=("depth", "normals"), width=8, depth=2):
        super().__init__()
        self.towers = nn.ModuleDict(
            {task: nn.ModuleList(nn.Linear(width, width) for _ in range(depth)) for task in tasks}
        )
        self.gains = nn.ParameterList(nn.Parameter(torch.ones(width)) for _ in range(depth))
        self.shifts = nn.ParameterDict({task: torch.zeros(width) for task in tasks})
        self.register_buffer("mean", torch.full((width,), 0.5), persistent=False)
        self.register_buffer("unused", None)

    def forward(self, x):
        outputs = {}
        for task, tower in self.towers.items():
            h = x - self.mean
            for index, (layer, gain) in enumerate(zip(tower, self.gains)):
                h = h + torch.relu(layer(h)) * gain if index else layer(h)
            outputs[task] = h + self.shifts[task]
        return outputs


model = MultiTask
example_args = (torch.randn(3, 8),)
