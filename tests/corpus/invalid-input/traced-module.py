"""The model was traced by torch.jit.trace."""

import torch
from torch import nn

model = torch.jit.trace(nn.Linear(4, 2), torch.randn(3, 4))  #~ invalid-input `torch.jit.trace(nn.Linear(4, 2), torch.randn(3, 4))`
example_args = (torch.randn(3, 4),)
