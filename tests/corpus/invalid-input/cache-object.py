"""A key-value cache of its own class is nested inside a dict of inputs."""

import torch
from torch import nn


class Cache:
    def __init__(self, keys):
        self.keys = keys


class Decoder(nn.Module):
    def forward(self, batch):
        return batch["x"] @ batch["cache"].keys.T


class DecoderModel:
    def get_eager_model(self):
        return Decoder()

    def get_example_inputs(self):
        return (
            {
                "x": torch.randn(2, 4),
                "cache": Cache(torch.randn(3, 4)),  #~ invalid-input `Cache(torch.randn(3, 4))`: Cache
            },
        )
