"""A dataclass of tensors with an optional field, registered for export."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Sample:
    image: torch.Tensor
    mask: torch.Tensor | None = None


torch.export.register_dataclass(Sample, serialized_type_name="corpus.Sample")


class Net(nn.Module):
    def forward(self, sample: Sample):
        image = sample.image if sample.mask is None else sample.image * sample.mask
        return Sample(image * 2, sample.mask)


model = Net()
example_args = (Sample(torch.randn(3, 4)),)
