"""Values written at places, and gathered."""

import torch
from torch import nn


class Cache(nn.Module):
    def forward(self, cache, new, places):
        cache = cache.index_put((places,), new)
        return cache.gather(0, places[:, None].expand_as(new))


model = Cache()
example_args = (torch.randn(8, 3), torch.randn(2, 3), torch.tensor([3, 5]))
