"""Returns a named tuple with None and a Python number in it, registered so that it can be saved."""

from typing import NamedTuple, Optional

import torch
from torch import nn
from torch.utils import _pytree as pytree


class Output(NamedTuple):
    logits: torch.Tensor
    loss: Optional[torch.Tensor] = None
    scale: float = 1.0


pytree._register_namedtuple(Output, serialized_type_name="corpus.Output")


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return Output(self.fc(x), scale=0.5)


model = Classifier
example_args = (torch.randn(2, 8),)
