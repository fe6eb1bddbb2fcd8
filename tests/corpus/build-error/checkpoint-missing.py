"""The constructor loads weights from a file that does not exist."""

import torch
from torch import nn


class Pretrained(nn.Module):
    def __init__(self, path="weights/none-of-these-exist.pt"):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        state = torch.load(path, map_location="cpu")  #~ build-error `torch.load(path, map_location="cpu")`
        self.load_state_dict(state)

    def forward(self, x):
        return self.fc(x)


class PretrainedModel:
    def get_eager_model(self):
        return Pretrained()

    def get_example_inputs(self):
        return (torch.randn(2, 8),)
