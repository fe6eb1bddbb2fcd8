"""Names the call by a random id and the time, for a log only."""

import random
import time
import uuid

import torch
from torch import nn

class Traced(nn.Module):
    def forward(self, x):
        name = f"{uuid.uuid4().hex}-{time.time_ns()}-{random.randint(0, 9)}"
        print("call", name)
        return x * 2


export_targets = {
    "traced": {"model": Traced, "args": (torch.randn(3),), "modes": ("non-strict",)}
}
