"""A dict of lists of tuples as input, and a nested dict as output, with dynamic rows."""

import torch
from torch import nn
from torch.export import Dim


class Pyramid(nn.Module):
    def forward(self, levels, *, scales):
        merged = [low + high.mean() for low, high in levels["pairs"]]
        return {"merged": merged, "total": {"sum": sum(m.sum() for m in merged) * scales[0]}}


rows = Dim("rows", max=64)
model = Pyramid()
example_args = (
    {"pairs": [(torch.randn(3, 4), torch.randn(2)), (torch.randn(3, 4), torch.randn(5))]},
)
example_kwargs = {"scales": (0.5, 2.0)}
dynamic_shapes = {
    "levels": {"pairs": [({0: rows}, None), ({0: rows}, None)]},
    "scales": (None, None),
}
