"""A torch.library operator defined for the CPU only."""

import torch
from torch import nn

lib = torch.library.Library("corpus_cpu", "DEF")
lib.define("clamp_rows(Tensor x, float top) -> Tensor")


@torch.library.impl(lib, "clamp_rows", "CPU")
def clamp_rows(x, top):
    return x.clamp(max=top)


class Clamp(nn.Module):
    def forward(self, x):
        return torch.ops.corpus_cpu.clamp_rows(x * 2, 1.0)  #~ unsupported-operator `torch.ops.corpus_cpu.clamp_rows(x * 2, 1.0)`


model = Clamp()
example_args = (torch.randn(2, 8),)
