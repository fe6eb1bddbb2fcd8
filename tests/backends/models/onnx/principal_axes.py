"""Eigenvectors."""

import torch
from torch import nn


class Axes(nn.Module):
    def forward(self, points):
        points = points - points.mean(0)
        values, vectors = torch.linalg.eigh(points.T @ points)  #~ backend-unsupported `torch.linalg.eigh(points.T @ points)`: ONNX has no conversion
        return points @ vectors


model = Axes()
example_args = (torch.randn(20, 3),)
