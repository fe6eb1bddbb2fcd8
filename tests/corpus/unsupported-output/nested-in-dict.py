"""A dict of outputs holds a set."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        logits = self.fc(x)
        return {  #~ unsupported-output `{ …`
            "logits": logits,
            "labels": {"noun", "verb", "other"},
        }


model = Tagger
example_args = (torch.randn(2, 8),)
