"""Weights are copied between modules by load_state_dict, deepcopy and copy_ while building."""

import copy

import torch
from torch import nn


class Distilled(nn.Module):
    def __init__(self, student):
        super().__init__()
        self.student = student
        self.teacher = copy.deepcopy(student).requires_grad_(False)
        self.extra = nn.ModuleList(copy.deepcopy(student[0]) for _ in range(2))

    def forward(self, x):
        for layer in self.extra:
            x = x + layer(x)
        return self.student(x), self.teacher(x)


def build():
    """Build the student from a checkpoint that it would otherwise load from disk."""
    student = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
    state = {f"module.{name}": value.clone() for name, value in student.state_dict().items()}
    state = {name.removeprefix("module."): value for name, value in state.items()}
    missing, unexpected = student.load_state_dict(state, strict=False)
    assert not missing and not unexpected
    with torch.no_grad():
        student[2].bias.copy_(torch.tensor([0.1, 0.2, 0.7]).log())
    return Distilled(student).eval()


model = build
example_args = (torch.randn(2, 8),)
