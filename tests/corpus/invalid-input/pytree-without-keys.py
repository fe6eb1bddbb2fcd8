"""A cache is registered as a pytree without names for its parts."""

import torch
from torch import nn
from torch.utils import _pytree as pytree


class Cache:
    def __init__(self, keys):
        self.keys = keys


pytree.register_pytree_node(
    Cache,
    lambda cache: ([cache.keys], None),
    lambda leaves, context: Cache(leaves[0]),
    serialized_type_name="corpus.KeylessCache",
)


class Step(nn.Module):
    def forward(self, x, cache):
        return x + cache.keys


model = Step()
example_args = (torch.randn(3), Cache(torch.randn(3)))  #~ invalid-input `Cache(torch.randn(3))`: flatten_with_keys_fn
