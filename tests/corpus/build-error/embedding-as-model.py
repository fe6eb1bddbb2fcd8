"""The weight of a layer stands where the layer should."""

import torch
from torch import nn

embedding = nn.Embedding(10, 4)

model = embedding.weight  #~ build-error `embedding.weight`: is a `Tensor`
example_args = (torch.tensor([1, 2]),)
