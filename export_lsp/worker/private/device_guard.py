"""A device guard for CUDA on machines without CUDA.

Under a fake mode some operators ask for the device guard of their tensors' device.  Builds of torch
without CUDA have none.  That of builds with CUDA asks the driver, which fails if there is none;
torch 2.13 replaces it then (``_ensureCUDADeviceGuardSet``), and torch 2.9 does not.

Seen in torch 2.6 to 2.14.  If the registry of device guards is not found, such operators fail at
the user's expression with "PyTorch is not linked with support for cuda devices", or with "CUDA
driver version is insufficient for CUDA runtime version".
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import torch

# c10/core/DeviceType.h
CUDA, META = 1, 14

LIBRARY = {"linux": "libc10.so", "darwin": "libc10.dylib"}.get(sys.platform)
REGISTRY = "_ZN3c104impl26device_guard_impl_registryE"

# A c10::Device in a register: the type in the low byte, the index in the high one.
CUDA_0 = CUDA | 0 << 8

# More slots than DeviceGuardImplInterface has virtual functions (26 in torch 2.13).
VTABLE_SLOTS = 40

# The parts of a C++ object that must never be freed: the registry keeps its address.
_kept: list[Any] = []


def install_device_guard() -> None:
    """Register a CUDA device guard that does nothing, in builds of torch without CUDA."""
    if torch.version.cuda is None and torch.version.hip is None:
        replace_device_guard()


def replace_device_guard() -> None:
    """Register a CUDA device guard that does nothing, in place of any other.

    The guard is that of meta tensors with the first three functions of its vtable replaced:
    ``type``, ``exchangeDevice`` and ``getDevice`` answer CUDA device 0.  Their order is that of
    c10/core/impl/DeviceGuardImplInterface.h.  The calling convention is the Itanium C++ ABI's, in
    which a Device is passed in a register, so that this does not work on Windows.
    """
    if LIBRARY is None or _kept:
        return
    library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / LIBRARY))
    try:
        registry = (ctypes.c_void_p * (META + 1)).in_dll(library, REGISTRY)
    except ValueError:
        return
    meta = registry[META]
    if meta is not None:
        registry[CUDA] = _guard_like(meta)


def _guard_like(guard: int) -> int:
    """Return the address of a copy of `guard` that answers CUDA device 0."""
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
