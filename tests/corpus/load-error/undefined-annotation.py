"""A type annotation uses a name that was never imported."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x, mask: Optional[torch.Tensor] = None):  #~ load-error `Optional`: Optional
        y = self.fc(x)
        return y if mask is None else y * mask


model = Classifier
example_args = (torch.randn(2, 8),)
