"""One head for each task, in a plain dict that the constructor fills."""

import torch
from torch import nn


class Tasks(nn.Module):
    def __init__(self, tasks=("depth", "normals")):
        super().__init__()
        self.heads = {}  #~ unregistered-state (strict) [torch<2.14] `{}`: nn.ModuleDict
        for task in tasks:
            self.heads[task] = nn.Linear(4, 1)

    def forward(self, features):
        return {task: head(features) for task, head in self.heads.items()}


model = Tasks
example_args = (torch.randn(2, 4),)
