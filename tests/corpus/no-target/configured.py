"""What is in the file says what the model is made with, and what it takes."""

from dataclasses import dataclass
import torch
from torch import nn

@dataclass
class Config:
    vocab: int = 40
    width: int = 16
    layers: int = 2

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
    def forward(self, x):
        return x + self.mlp(self.norm(x))

class LanguageModel(nn.Module):  #~ no-target `LanguageModel`
    def __init__(self, config: Config):
        super().__init__()
        self.embed = nn.Embedding(config.vocab, config.width)
        self.blocks = nn.ModuleList(Block(config.width) for _ in range(config.layers))
        self.head = nn.Linear(config.width, config.vocab)
    def forward(self, tokens, scale: float, mask=None):
        h = self.embed(tokens)
        for b in self.blocks:
            h = b(h)
        return self.head(h) * scale

if __name__ == "__main__":
    print(LanguageModel(Config()))
