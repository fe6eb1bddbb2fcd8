"""Keeps a record of its calls: a date, a request number, a file and the settings as text."""

import datetime
import json
import os
import uuid

import torch
from torch import nn

RECORDS = []


def record(settings):
    now = datetime.datetime.now()  #~ graph-break (strict) `datetime.datetime.now()`
    request = uuid.uuid4()  #~ graph-break (strict) `uuid.uuid4()`
    text = json.dumps(settings)  #~ graph-break (strict) `json.dumps(settings)`
    return now, request, text


class Classifier(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        self.fc = nn.Linear(settings["width"], 3)

    def forward(self, x):
        _, _, text = record(self.settings)
        if os.path.exists("/nonexistent/weights"):  #~ graph-break (strict) `os.path.exists("/nonexistent/weights")`
            x = x * 2
        return self.fc(x).softmax(-1) * min(len(text), 1)


model = Classifier({"width": 4})
example_args = (torch.randn(2, 4),)
