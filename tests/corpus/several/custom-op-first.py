"""A custom operator without a fake kernel ends tracing before two guards in later submodules."""

import torch
from torch import nn


@torch.library.custom_op("corpus_several::local_peaks", mutates_args=())
def local_peaks(x: torch.Tensor) -> torch.Tensor:
    return (x > x.roll(1, -1)).to(x.dtype)


class Peaks(nn.Module):
    def forward(self, x):
        return local_peaks(x)  #~ unsupported-operator `local_peaks(x)`


class Count(nn.Module):
    def forward(self, peaks):
        n = peaks.long().sum().item()
        if n > 20:  #~ data-dependent-guard [torch<2.14] `n > 20` #~ data-dependent-guard (non-strict) [torch>=2.14] `n > 20`
            return peaks[:, :1]
        return peaks


class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        self.peaks = Peaks()
        self.count = Count()

    def forward(self, x):
        peaks = self.count(self.peaks(x))
        assert peaks.sum() >= 0  #~ data-dependent-branch (non-strict) `peaks.sum() >= 0`
        return peaks * x if x.max() > -9 else x  #~ data-dependent-branch [torch<2.14] `x.max() > -9` #~ data-dependent-branch (non-strict) [torch>=2.14] `x.max() > -9`


model = Spectrum
example_args = (torch.randn(2, 8),)
