"""Which devices a run may use.  Only runs come here: the host never touches CUDA."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.worker.private import absent_cuda, fake_build


def choose(device: str, memory_fraction: float) -> None:
    """Show this process the devices that the setting allows: "auto", "cpu", "cuda" or "cuda:N".

    "cuda:N" makes N the only device, so that a model's own "cuda" means it.  The fraction of the
    device's memory applies from the moment CUDA is initialised, if it ever is.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    elif device.startswith("cuda:"):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        index = int(device.removeprefix("cuda:"))
        names = visible.split(",") if visible else []
        os.environ["CUDA_VISIBLE_DEVICES"] = names[index] if index < len(names) else str(index)
    if torch.version.cuda is not None:
        torch.cuda._lazy_call(lambda: torch.cuda.set_per_process_memory_fraction(memory_fraction))


def build_context(build: str) -> ExitStack:
    """The surroundings in which models and inputs are made: fake parameters, absent CUDA."""
    stack = ExitStack()
    if build == "fake":
        stack.enter_context(fake_build.fake_parameters())
    stack.enter_context(absent_cuda.AbsentCuda())
    return stack


def mover(device: str, build: str) -> Callable[[Any], Any]:
    """What puts a real model or its inputs on the chosen CUDA device; the identity otherwise."""
    if build == "fake" or not device.startswith("cuda") or absent_cuda.is_absent():
        return lambda value: value

    def move(value: Any) -> Any:
        if isinstance(value, torch.nn.Module):
            return value.to("cuda")
        return pytree.tree_map_only(torch.Tensor, lambda tensor: tensor.to("cuda"), value)

    return move
