"""Reads its hyper-parameters from a JSON file that is missing, while it is imported."""

import json
from pathlib import Path

import torch
from torch import nn


def read_config(name):
    path = Path(__file__).with_name(name)
    return json.loads(path.read_text())  #~ load-error `path.read_text()`


CONFIG = read_config("tiny-settings-that-nobody-committed.json")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(CONFIG["in"], CONFIG["out"])

    def forward(self, x):
        return self.fc(x)


model = Net
example_args = (torch.randn(2, 8),)
