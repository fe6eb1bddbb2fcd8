"""The module's class is made by a function, and appends to a list of that function."""

import torch
from torch import nn

def recording():
    seen = []

    class Recording(nn.Module):
        def forward(self, x):
            y = x.sigmoid()
            seen.append(y)  #~ unregistered-state `seen.append(y)`
            return y

    return Recording()


model = recording()
example_args = (torch.randn(3),)
