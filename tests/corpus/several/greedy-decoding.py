"""Generates tokens until an end token, with a length and a temperature that come as tensors."""

import math

import torch
from torch import nn


class Sampler(nn.Module):
    def forward(self, logits, temperature):
        t = math.exp(temperature.item())  #~ data-dependent-guard `math.exp(temperature.item())`
        return (logits / t).argmax(-1)


class Generator(nn.Module):
    def __init__(self, vocabulary=12, width=8, end=0):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.head = nn.Linear(width, vocabulary)
        self.sampler = Sampler()
        self.end = end

    def forward(self, token, steps, temperature):
        generated = [token]
        for _ in range(steps.item()):  #~ data-dependent-guard `range(steps.item())`
            token = self.sampler(self.head(self.embed(token)), temperature)
            if (token == self.end).all():  #~ data-dependent-branch `(token == self.end).all()`
                break
            generated.append(token)
        return torch.stack(generated)


model = Generator
example_args = (torch.tensor([3, 5]), torch.tensor(3), torch.tensor(0.5))
