"""Returns the name of the branch beside the tensor; such a program saves and does not load."""

import torch
from torch import nn


class Tagged(nn.Module):
    def forward(self, x):
        return {"values": x * 2, "unit": "metres"}  #~ serialization-error `{"values": x * 2, "unit": "metres"}`: the string 'metres'


model = Tagged()
example_args = (torch.randn(4),)
