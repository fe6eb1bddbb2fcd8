"""Which devices a run may use.  For runs only: a host never touches CUDA."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.worker.execution.large_tensors import LARGE, LargeTensors
from export_lsp.worker.private import absent_cuda, cuda_memory, fake_build


def choose(device: str, memory_fraction: float) -> None:
    """Show this process only the devices that the setting `device` allows.

    Args:
        device: "auto", "cpu", "cuda" or "cuda:N".  With "cuda:N", N is the only visible device, so
            that a model's own "cuda" means it.
        memory_fraction: The part of the device's memory, from 0 to 1, that the process may use.  It
            applies once CUDA is initialized, if it ever is.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    elif device.startswith("cuda:"):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        index = int(device.removeprefix("cuda:"))
        names = visible.split(",") if visible else []
        os.environ["CUDA_VISIBLE_DEVICES"] = names[index] if index < len(names) else str(index)
    cuda_memory.limit_fraction(memory_fraction)


def build_context(build: str) -> ExitStack:
    """Return the context in which models and example inputs are made.

    CUDA tensors are fake if there is no CUDA device.  If `build` is "fake", all parameters are, and
    all tensors that are too large to have values; if it is "mixed", large parameters only.
    """
    stack = ExitStack()
    if build != "real":
        least = LARGE if build == "mixed" else 0
        stack.enter_context(fake_build.fake_parameters(least))
        stack.enter_context(LargeTensors())
    stack.enter_context(absent_cuda.AbsentCuda())
    return stack


def mover(device: str, build: str) -> Callable[[Any], Any]:
    """Return a function that moves a model, or a pytree of inputs, to the chosen CUDA device.

    It is the identity for builds with fake tensors, for other devices, and without a CUDA device.
    """
    if build != "real" or not device.startswith("cuda") or absent_cuda.is_absent():
        return lambda value: value

    def move(value: Any) -> Any:
        if isinstance(value, torch.nn.Module):
            return value.to("cuda")
        return pytree.tree_map_only(torch.Tensor, lambda tensor: tensor.to("cuda"), value)

    return move
