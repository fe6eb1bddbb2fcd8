"""A function returns the layers of a model, not a model of them."""

import torch
from torch import nn


def model():
    return [nn.Linear(4, 4), nn.ReLU()]  #~ build-error `[nn.Linear(4, 4), nn.ReLU()]`: is a `list`


example_args = (torch.ones(2, 4),)
