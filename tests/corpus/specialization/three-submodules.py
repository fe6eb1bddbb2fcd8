"""Three dimensions become constants in three submodules."""

import torch
from torch import nn
from torch.export import Dim

class Fold(nn.Module):
    def forward(self, image):
        return image.view(4, -1)  #~ specialization `image.view(4, -1)`: dimension 0 of `inputs['image']` is 4


class Biased(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(7))

    def forward(self, audio):
        return audio + self.bias  #~ specialization `audio + self.bias`: dimension 1 of `inputs['audio']` is 7


class Steps(nn.Module):
    def forward(self, text):
        state = text[0]
        for step in range(text.shape[0]):  #~ specialization `range(text.shape[0])`: dimension 0 of `inputs['text']` is 5
            state = state * 0.5 + text[step]
        return state


class Fused(nn.Module):
    def __init__(self):
        super().__init__()
        self.fold = Fold()
        self.biased = Biased()
        self.steps = Steps()

    def forward(self, inputs):
        return (
            self.fold(inputs["image"]),
            self.biased(inputs["audio"]),
            self.steps(inputs["text"]),
        )


model = Fused
example_args = (
    {"image": torch.randn(4, 6), "audio": torch.randn(3, 7), "text": torch.randn(5, 2)},
)
dynamic_shapes = {
    "inputs": {
        "image": (Dim.AUTO, Dim.AUTO),
        "audio": (Dim.AUTO, Dim.AUTO),
        "text": (Dim.AUTO, Dim.AUTO),
    }
}
