"""A tiny decoder-only language model with learned positions."""

import torch
from torch import nn
from torch.export import Dim


class LanguageModel(nn.Module):
    def __init__(self, words: int = 100, width: int = 32, longest: int = 64):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.positions = nn.Parameter(torch.zeros(longest, width))
        self.block = nn.TransformerEncoderLayer(width, 4, 64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(width, words)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        length = tokens.shape[1]
        x = self.words(tokens) + self.positions[:length]
        future = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        return self.head(self.block(x, src_mask=future))


export_targets = {
    "language-model": {
        "model": LanguageModel,
        "args": lambda: (torch.randint(100, (2, 12)),),
        "dynamic_shapes": {"tokens": {0: Dim("batch"), 1: Dim("length", min=2, max=128)}},
    },
}
