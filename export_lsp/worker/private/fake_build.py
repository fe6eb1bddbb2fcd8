"""Build models with fake parameters, which have sizes and dtypes but take no memory.

A parameter becomes fake when ``torch.nn.Parameter`` wraps its tensor.  Everything else stays real:
buffers, plain tensors, example inputs.  Export makes them fake itself.

``Parameter.__new__`` and ``Module._apply`` are replaced while a model is built.  ``torch.nn.init``
is wrapped for the life of the process, before a library can keep its functions (transformers 5 has
a table of them).

Seen in torch 2.6 to 2.13.  If torch does not call one of these, the parameters are real or the
build fails, and the check is repeated with a real build.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode


@functools.cache
def parameter_mode() -> FakeTensorMode:
    """Return the mode of all fake parameters of this process; export has a mode of its own."""
    return FakeTensorMode(allow_non_fake_inputs=True)


# The class names of the fake parameters made so far.
_made: list[str] = []


def any_fake_made() -> bool:
    """Return whether this process has made a fake parameter, or a large tensor fake."""
    return bool(_made)


def is_made_here(value: object) -> bool:
    """Return whether a value is a fake tensor of the build, and not of an export."""
    return isinstance(value, FakeTensor) and value.fake_mode is parameter_mode()


def note_fake(kind: str) -> None:
    """Remember that a tensor of this kind is fake: a failure may be due to that."""
    _made.append(kind)


def patch_init() -> None:
    """Make ``torch.nn.init`` skip fake parameters, for the life of the process.

    They have no memory to fill, and ``trunc_normal_`` would read their values.
    """
    for name, function in list(vars(torch.nn.init).items()):
        if name.endswith("_") and not name.startswith("_") and callable(function):
            setattr(torch.nn.init, name, _skipping_fakes(function))


def _skipping_fakes(initialise: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(initialise)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        tensor = args[0] if args else kwargs.get("tensor")
        if isinstance(tensor, FakeTensor) and tensor.fake_mode is parameter_mode():
            return tensor
        return initialise(*args, **kwargs)

    return wrapper


@contextlib.contextmanager
def fake_parameters(least: int = 0) -> Iterator[None]:
    """Context manager in which every parameter of at least this many bytes is created fake."""
    parameter: Any = torch.nn.Parameter
    module: Any = torch.nn.Module
    create, apply = parameter.__new__, module._apply
    replacement = _Replacement()

    def create_fake(cls: Any, data: Any = None, requires_grad: bool = True) -> Any:
        is_plain = type(data) in (torch.Tensor, parameter) and data.layout is torch.strided
        if is_plain and data.nbytes >= least:
            data = fake_like(data)
            note_fake(cls.__name__)
        return create(cls, data, requires_grad)

    def apply_replacing(self: Any, function: Callable[[Any], Any], recurse: bool = True) -> Any:
        return replacement.apply(self, function, recurse)

    parameter.__new__ = create_fake
    module._apply = apply_replacing
    try:
        yield
    finally:
        parameter.__new__ = create
        module._apply = apply


def fake_like(tensor: torch.Tensor) -> torch.Tensor:
    """Return a fake tensor of the same size, strides, dtype and device."""
    with parameter_mode():
        return torch.empty_strided(
            tensor.size(), tensor.stride(), dtype=tensor.dtype, device=tensor.device
        )


class _Replacement:
    """``Module._apply`` (behind ``.to``, ``.half``, ``.cuda``) for fake parameters.

    torch swaps the contents of a fake parameter, which fails while the fake mode holds weak
    references to it (torch 2.13).  Here the new parameter replaces the old one, in every module
    that shares it.
    """

    def __init__(self) -> None:
        # Old and new parameters of the outermost call, by the old one's id.
        self._replaced: dict[int, tuple[Any, Any]] = {}
        self._depth = 0

    def apply(self, module: Any, function: Callable[[Any], Any], recurse: bool) -> Any:
        self._depth += 1
        try:
            # The child's own method: recurrent layers and many models override `_apply`.
            for child in module.children() if recurse else ():
                child._apply(function)
            self._apply_to_own(module, function)
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._replaced.clear()
        return module

    def _apply_to_own(self, module: Any, function: Callable[[Any], Any]) -> None:
        for key, parameter in module._parameters.items():
            if parameter is None:
                continue
            if id(parameter) not in self._replaced:
                with torch.no_grad():
                    applied = function(parameter)
                new = torch.nn.Parameter(applied, parameter.requires_grad)
                self._replaced[id(parameter)] = (parameter, new)
                self._replaced[id(new)] = (new, new)  # for modules that two parents share
            module._parameters[key] = self._replaced[id(parameter)][1]
        for key, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[key] = function(buffer)
