"""A check states that a selection is as long as the values for it."""

import torch
from torch import nn


class Fill(nn.Module):
    def forward(self, slots, values):
        chosen = slots[slots < 0]
        torch._check(chosen.numel() == values.numel())
        if chosen.numel() != values.numel():
            raise ValueError("one value for each slot")
        return slots.masked_scatter(slots < 0, values)


model = Fill()
example_args = (torch.tensor([1.0, -1.0, 2.0, -3.0]), torch.rand(2))
