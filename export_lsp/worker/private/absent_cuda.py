"""CUDA tensors on a machine without CUDA: fake ones.

While a model and its inputs are made, `AbsentCuda` answers whatever would put a tensor on a CUDA
device with a fake tensor there.  Under export's own fake mode torch does the same by itself, but
in a build without CUDA some operators ask for a device guard that is not registered; torch fills
that gap only in builds with CUDA (``_ensureCUDADeviceGuardSet``), `install_device_guard` in others.

Seen in torch 2.6 to 2.13.  Where the registry of device guards is not found, such operators fail
at the user's expression with "PyTorch is not linked with support for cuda devices".
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils import _device
from torch.utils import _pytree as pytree

from export_lsp.worker.private import fake_build

# c10/core/DeviceType.h
CUDA, META = 1, 14

LIBRARY = {"linux": "libc10.so", "darwin": "libc10.dylib"}.get(sys.platform)
REGISTRY = "_ZN3c104impl26device_guard_impl_registryE"

# A c10::Device in a register: the type in the low byte, the index in the high one.
CUDA_0 = CUDA | 0 << 8

# More slots than DeviceGuardImplInterface has virtual functions (26 in torch 2.13).
VTABLE_SLOTS = 40

# Entries of a C++ object that is never freed: the registry keeps its address.
_kept: list[Any] = []


@functools.cache
def is_absent() -> bool:
    """Whether no CUDA device can be used.  Asks the driver: for runs only, never for the host."""
    return not torch.cuda.is_available()


@contextlib.contextmanager
def without_cuda_queries() -> Iterator[None]:
    """Within, torch does not ask for CUDA devices, as every fake mode and Dynamo do otherwise.

    Asking leaves state of the driver in the process (``torch.cuda._is_in_bad_fork``), with which no
    fork of it can use a GPU any more.  For models on the CPU only.
    """
    with (
        mock.patch.object(torch.cuda, "is_available", return_value=False),
        mock.patch.object(torch.cuda, "device_count", return_value=0),
        mock.patch.object(FakeTensorMode, "avoid_device_init", False),
    ):
        yield


def install_device_guard() -> bool:
    """Register a CUDA device guard that does nothing, if none is; False where that cannot be.

    The guard is the one of meta tensors with the first three functions of its vtable replaced:
    ``type``, ``exchangeDevice`` and ``getDevice`` answer CUDA device 0.  The order is that of
    c10/core/impl/DeviceGuardImplInterface.h, the calling convention the Itanium C++ ABI's, under
    which a Device travels in a register: hence not on Windows.
    """
    if torch.version.cuda is not None or torch.version.hip is not None:
        return True
    if LIBRARY is None:
        return False
    library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / LIBRARY))
    try:
        registry = (ctypes.c_void_p * (META + 1)).in_dll(library, REGISTRY)
    except ValueError:
        return False
    meta = registry[META]
    if meta is None:
        return False
    if registry[CUDA] is None:
        registry[CUDA] = _guard_like(meta)
    return True


def _guard_like(guard: int) -> int:
    """The address of a device guard for CUDA device 0 that is otherwise `guard`."""
    pointer, device, this = ctypes.c_void_p, ctypes.c_uint16, ctypes.c_void_p
    vtable = ctypes.cast(ctypes.cast(guard, ctypes.POINTER(pointer))[0], ctypes.POINTER(pointer))
    slots = (pointer * VTABLE_SLOTS)(*vtable[:VTABLE_SLOTS])
    functions = [
        ctypes.CFUNCTYPE(ctypes.c_uint8, this)(lambda _: CUDA),
        ctypes.CFUNCTYPE(device, this, device)(lambda _, __: CUDA_0),
        ctypes.CFUNCTYPE(device, this)(lambda _: CUDA_0),
    ]
    for slot, function in enumerate(functions):
        slots[slot] = ctypes.cast(function, pointer).value
    instance = (pointer * 1)(ctypes.addressof(slots))
    _kept.extend([slots, functions, instance])
    return ctypes.addressof(instance)


class AbsentCuda(TorchFunctionMode):
    """Within, a tensor that would be created on or moved to CUDA is a fake CUDA tensor."""

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
        _spare_cudnn()
        if func is torch.Tensor.cuda:
            func, args, kwargs = torch.Tensor.to, (args[0], _cuda_of(args, kwargs)), {}
        args, kwargs = pytree.tree_map_only(torch.Tensor, _faked, (args, kwargs))
        with fake_build.parameter_mode():
            return func(*args, **kwargs)


def _with_default_device(func: Callable[..., Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the device that ``torch.set_default_device`` would add after this mode."""
    default = getattr(_device, "CURRENT_DEVICE", None)
    if not _is_cuda(default) or kwargs.get("device") is not None:
        return kwargs
    return {**kwargs, "device": default} if func in _device._device_constructors() else kwargs


@functools.cache
def _spare_cudnn() -> None:
    """Let recurrent layers leave their weights where they are: Dynamo would make a real CUDA tensor
    to ask whether cuDNN wants them in one piece."""
    recurrent: Any = torch.nn.RNNBase
    recurrent.flatten_parameters = lambda self: None


def _wants_cuda(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return func is torch.Tensor.cuda or any(map(_is_cuda, (*args, *kwargs.values())))


def _cuda_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.device:
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
