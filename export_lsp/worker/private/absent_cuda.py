"""Fake CUDA tensors on a machine without CUDA.

While a model and its inputs are built, `AbsentCuda` returns a fake tensor for every call that would
put a tensor on a CUDA device.  Under its own fake mode export does the same by itself.

Seen in torch 2.6 to 2.14.  Without ``torch.utils._device.CURRENT_DEVICE`` a model that calls
``torch.set_default_device("cuda")`` does not build.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils import _device
from torch.utils import _pytree as pytree

from export_lsp.worker.private import device_guard, fake_build


@functools.cache
def is_absent() -> bool:
    """Return whether no CUDA device can be used.

    This asks the driver, so it is for runs only: a host that has asked can no longer fork runs that
    use CUDA.
    """
    return not torch.cuda.is_available()


@contextlib.contextmanager
def without_cuda_queries() -> Iterator[None]:
    """Context manager in which torch does not ask for CUDA devices; for models on the CPU only.

    Fake modes and Dynamo ask otherwise, which leaves state of the driver in the process
    (``torch.cuda._is_in_bad_fork``): its forks can no longer use a GPU.
    """
    with (
        mock.patch.object(torch.cuda, "is_available", return_value=False),
        mock.patch.object(torch.cuda, "device_count", return_value=0),
        mock.patch.object(FakeTensorMode, "avoid_device_init", False),
    ):
        yield


class AbsentCuda(TorchFunctionMode):
    """While active, tensors that are created on or moved to CUDA are fake CUDA tensors.

    It changes nothing if there is a CUDA device.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = _with_default_device(func, kwargs or {})
        if not _wants_cuda(func, args, kwargs) or not is_absent():
            return func(*args, **kwargs)
        _prepare_process()
        if func is torch.Tensor.cuda:
            func, args, kwargs = torch.Tensor.to, (args[0], _cuda_device(args, kwargs)), {}
        args, kwargs = pytree.tree_map_only(torch.Tensor, _faked, (args, kwargs))
        with fake_build.parameter_mode():
            return func(*args, **kwargs)


def _with_default_device(func: Callable[..., Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Add the device of ``torch.set_default_device``, which torch would add after this mode."""
    default = getattr(_device, "CURRENT_DEVICE", None)
    if not _is_cuda(default) or kwargs.get("device") is not None:
        return kwargs
    return {**kwargs, "device": default} if func in _device._device_constructors() else kwargs


@functools.cache
def _prepare_process() -> None:
    """Keep fake CUDA tensors from the driver: in device guards, and in recurrent layers.

    For ``flatten_parameters`` Dynamo would make a real CUDA tensor, to ask whether cuDNN wants the
    weights in one piece.
    """
    device_guard.replace_device_guard()
    recurrent: Any = torch.nn.RNNBase
    recurrent.flatten_parameters = lambda self: None


def _wants_cuda(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return func is torch.Tensor.cuda or any(map(_is_cuda, (*args, *kwargs.values())))


def _cuda_device(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.device:
    """Return the device that a call of ``Tensor.cuda`` names."""
    device = args[1] if len(args) > 1 else kwargs.get("device")
    if isinstance(device, int):
        return torch.device("cuda", device)
    return torch.device(device or "cuda")


def _is_cuda(value: Any) -> bool:
    if isinstance(value, torch.device):
        return value.type == "cuda"
    if isinstance(value, str):
        return value == "cuda" or value.startswith("cuda:")
    return isinstance(value, FakeTensor) and value.device.type == "cuda"


def _faked(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if isinstance(tensor, FakeTensor) else fake_build.fake_like(tensor)
