"""The model is wrapped by torch.compile."""

import torch
from torch import nn

model = torch.compile(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))
example_args = (torch.randn(3, 4),)
