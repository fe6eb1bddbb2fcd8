"""forward reads a key that the example dict does not have."""

import torch
from torch import nn


class MultiModal(nn.Module):
    def __init__(self):
        super().__init__()
        self.text = nn.Linear(8, 4)
        self.image = nn.Linear(16, 4)

    def forward(self, batch):
        text = self.text(batch["text"])
        image = self.image(batch["pixels"])  #~ forward-error `batch["pixels"]`: pixels
        return text + image


model = MultiModal
example_args = ({"text": torch.randn(2, 8), "image": torch.randn(2, 16)},)
