"""Regions without gradients, in inference mode and under a profiler's label."""

import torch
from torch import nn


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.student = nn.Linear(4, 4)
        self.teacher = nn.Linear(4, 4)

    def forward(self, x):
        with torch.no_grad():
            target = self.teacher(x)
        with torch.enable_grad(), torch.profiler.record_function("student"):
            y = self.student(x)
        return (y - target).square().mean()


model = Teacher
example_args = (torch.randn(3, 4),)
