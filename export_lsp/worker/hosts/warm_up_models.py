"""The models that a host exports to warm up: between them they use what most models use."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class GoodModel(nn.Module):
    """Embedding, normalisation, attention, convolution, views, buffers and a dynamic batch."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(8, 8)
        self.norm = nn.LayerNorm(8)
        self.project = nn.Linear(8, 24)
        self.mix = nn.Sequential(nn.Linear(8, 8), nn.GELU(), nn.Dropout(0.1))
        self.convolve = nn.Conv2d(1, 2, 3, padding=1)
        self.batch_norm = nn.BatchNorm2d(2)
        self.register_buffer("scale", torch.ones(8))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.embedding(tokens)) * self.scale
        q, k, v = (
            part.view(part.shape[0], -1, 2, 4).transpose(1, 2)
            for part in self.project(x).chunk(3, dim=-1)
        )
        attended = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + self.mix(attended)
        image = torch.relu(self.batch_norm(self.convolve(x.unsqueeze(1))))
        pooled = image.mean(dim=(2, 3))
        mask = torch.arange(tokens.shape[1]) < 3
        masked = x.masked_fill(~mask[None, :, None], 0.0)
        return torch.cat([pooled, masked.softmax(-1)[:, 0]], dim=-1)


def good_inputs() -> tuple[torch.Tensor]:
    return (torch.zeros(3, 4, dtype=torch.long),)


def good_dynamic_shapes() -> dict[str, Any]:
    return {"tokens": {0: torch.export.Dim("batch")}}


class FailingModel(nn.Module):
    """A size and a number that depend on data, and a guard that compares them."""

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        picked = x[mask]
        count: Any = mask.sum().item()
        torch._check(count >= 0)
        if picked.shape[0] == count:
            return picked
        return x


def failing_inputs() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros(3, 4), torch.tensor([True, False, True])
