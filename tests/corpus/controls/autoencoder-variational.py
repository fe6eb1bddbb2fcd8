"""A variational autoencoder that samples with randn_like."""

import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(12, 8)
        self.decode = nn.Linear(4, 12)

    def forward(self, x):
        mean, log_variance = self.encode(x).chunk(2, -1)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        return self.decode(z), mean, log_variance


class VAEModel:
    def get_eager_model(self):
        return VAE()

    def get_example_inputs(self):
        return (torch.randn(3, 12),)
