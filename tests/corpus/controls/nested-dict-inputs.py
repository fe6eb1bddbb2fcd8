"""Nested dicts and lists as inputs and outputs, with a spec of the same structure."""

import torch
from torch import nn
from torch.export import Dim


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.text = nn.Linear(8, 4)
        self.image = nn.Linear(16, 4)

    def forward(self, batch):
        text = self.text(batch["text"])
        images = [self.image(i) for i in batch["images"]]
        return {"text": text, "images": images, "sum": text + sum(images)}


rows = Dim("rows", max=128)
model = Fusion
example_args = (
    {"text": torch.randn(3, 8), "images": [torch.randn(3, 16), torch.randn(3, 16)]},
)
dynamic_shapes = {"batch": {"text": {0: rows}, "images": [{0: rows}, {0: rows}]}}
