"""Indented with tabs, and a tab before the failing expression."""

import torch
from torch import nn


class Gate(nn.Module):
	def __init__(self):
		super().__init__()
		self.fc = nn.Linear(4, 4)

	def forward(self, x):
		y = self.fc(x)
		if	y.min() < 0:  #~ data-dependent-branch `y.min() < 0`
			y = y - y.min()
		return y


model = Gate
example_args = (torch.randn(2, 4),)
