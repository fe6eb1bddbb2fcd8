"""A file that is called like a module of the standard library, which torch imports."""

import dataclasses
import enum

import torch
from torch import nn


class Activation(enum.Enum):
    RELU = "relu"
    GELU = "gelu"


@dataclasses.dataclass(frozen=True)
class Config:
    width: int = 8
    activation: Activation = Activation.GELU
    rates: tuple[float, ...] = (1.0, 0.5)


class Mixer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.layer = nn.Linear(config.width, config.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activate = getattr(nn.functional, self.config.activation.value)
        if self.config.activation is Activation.RELU:
            return activate(self.layer(x))
        return sum(rate * activate(self.layer(x)) for rate in self.config.rates)


model = Mixer(Config())
example_args = (torch.randn(2, 8),)
