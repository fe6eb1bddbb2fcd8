"""A cache class of the user's, registered as a pytree, goes in and comes out."""

import torch
from torch import nn
from torch.utils import _pytree as pytree


class Cache:
    def __init__(self, keys, length):
        self.keys = keys
        self.length = length


pytree.register_pytree_node(
    Cache,
    lambda cache: ([cache.keys], cache.length),
    lambda leaves, length: Cache(leaves[0], length),
    flatten_with_keys_fn=lambda cache: (
        [(pytree.GetAttrKey("keys"), cache.keys)],
        cache.length,
    ),
    serialized_type_name="corpus.Cache",
)


class Step(nn.Module):
    def forward(self, x, cache: Cache):
        return Cache(torch.cat([cache.keys, x]), cache.length + 1)


model = Step()
example_args = (torch.randn(1, 4), Cache(torch.randn(3, 4), 3))
