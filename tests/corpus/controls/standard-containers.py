"""An OrderedDict, a defaultdict and a deque of tensors as inputs, with an int key in a dict."""

import collections

import torch
from torch import nn


class Sum(nn.Module):
    def forward(self, ordered, default, queue, numbered):
        return ordered["a"] + default["b"] + queue[0] + numbered[0]


model = Sum()
example_args = (
    collections.OrderedDict(a=torch.randn(3)),
    collections.defaultdict(list, b=torch.randn(3)),
    collections.deque([torch.randn(3)]),
    {0: torch.randn(3)},
)
