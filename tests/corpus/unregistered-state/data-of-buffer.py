"""A buffer is clamped through `.data`, which export does not connect with the buffer."""

import torch
from torch import nn


class ContrastiveHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 4)
        self.register_buffer("scale", torch.tensor(14.0))

    def forward(self, image, text):
        self.scale.data.clamp_(max=100.0)  #~ unregistered-state `self.scale.data`: `.detach()`
        return self.scale * self.project(image) @ self.project(text).t()


model = ContrastiveHead()
example_args = (torch.randn(3, 6), torch.randn(5, 6))
