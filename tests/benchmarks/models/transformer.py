"""A transformer of 12 layers with dynamic shapes."""

import torch
from torch import nn
from torch.export import Dim

WIDTH, HEADS, LAYERS, WORDS = 128, 4, 12, 1000


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.out = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def heads(self, x):
        return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)

    def forward(self, x, mask):
        q, k, v = (self.heads(part(x)) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.after = nn.LayerNorm(WIDTH)
        self.mix = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x, mask):
        x = x + self.attention(self.before(x), mask)
        return x + self.mix(self.after(x))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, WORDS)

    def forward(self, tokens):
        x = self.embedding(tokens)
        steps = torch.arange(tokens.shape[1])
        mask = steps[:, None] >= steps[None, :]
        for layer in self.layers:
            x = layer(x, mask)
        y = self.head(x)
        picked = y[y > 0]
        if picked.shape[0] == NUMBER:
            return y
        return y + picked.sum()


NUMBER = 1
model = Transformer().eval()
example_args = (torch.randint(0, WORDS, (2, 16)),)
dynamic_shapes = {"tokens": {0: Dim("batch", max=64), 1: Dim("length", min=2, max=512)}}
