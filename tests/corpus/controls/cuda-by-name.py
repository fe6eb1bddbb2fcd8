"""The model and its inputs go to CUDA by name, whether this machine has one or not."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self, vocabulary=40, dim=8, tags=5):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim, device="cuda")
        self.norm = nn.LayerNorm(dim)
        self.mix = nn.Conv1d(dim, dim, 3, padding=1)
        self.head = nn.Linear(dim, tags)
        self.register_buffer("prior", torch.zeros(tags))

    def forward(self, tokens, mask):
        h = self.norm(self.embed(tokens)) * mask.unsqueeze(-1)
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        h = h + positions.to(h.dtype).unsqueeze(-1) / tokens.shape[1]
        h = torch.nn.functional.gelu(self.mix(h.transpose(1, 2))).transpose(1, 2)
        return self.head(h) + self.prior


model = Tagger().cuda().eval()
tokens = torch.randint(0, 40, (2, 7)).to("cuda")
example_args = (tokens, torch.ones(2, 7, device="cuda:0"))
dynamic_shapes = {"tokens": {0: torch.export.Dim("batch")}, "mask": {0: torch.export.Dim("batch")}}
