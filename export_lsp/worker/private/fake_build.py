"""Models with fake parameters: sizes and dtypes without memory.

A parameter turns fake the moment ``torch.nn.Parameter`` wraps its tensor, whether the model is
built at module level or late.  Everything else (buffers, plain tensors, example inputs) stays real,
as export itself treats it.

Seen in torch 2.6 to 2.13.  ``Parameter.__new__`` and ``Module._apply`` are replaced while a model
is built; ``torch.nn.init`` is wrapped for good, before any library can bind its functions early
(transformers 5 keeps a table of them).
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
    """The mode all fake parameters of this process belong to; export brings one of its own."""
    return FakeTensorMode(allow_non_fake_inputs=True)


_made: list[str] = []


def any_fake_made() -> bool:
    """Whether this process has made a fake parameter."""
    return bool(_made)


def patch_init() -> None:
    """Let ``torch.nn.init`` leave fake tensors alone: there is nothing to fill, and
    ``trunc_normal_`` reads values."""
    for name, function in list(vars(torch.nn.init).items()):
        if name.endswith("_") and not name.startswith("_") and callable(function):
            setattr(torch.nn.init, name, _sparing_fakes(function))


def _sparing_fakes(initialise: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(initialise)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        tensor = args[0] if args else kwargs.get("tensor")
        if isinstance(tensor, FakeTensor) and tensor.fake_mode is parameter_mode():
            return tensor
        return initialise(*args, **kwargs)

    return wrapper


@contextlib.contextmanager
def fake_parameters() -> Iterator[None]:
    """Within, every parameter that is created is fake."""
    parameter: Any = torch.nn.Parameter
    module: Any = torch.nn.Module
    create, apply = parameter.__new__, module._apply
    replacement = _Replacement()

    def create_fake(cls: Any, data: Any = None, requires_grad: bool = True) -> Any:
        if type(data) in (torch.Tensor, parameter) and data.layout is torch.strided:
            data = fake_like(data)
            _made.append(cls.__name__)
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
    """A fake tensor of the same size, strides, dtype and device."""
    with parameter_mode():
        return torch.empty_strided(
            tensor.size(), tensor.stride(), dtype=tensor.dtype, device=tensor.device
        )


class _Replacement:
    """``Module._apply`` (behind ``.to``, ``.half``, ``.cuda``) for fake parameters.

    torch 2.13 swaps a fake parameter's contents, which fails while the fake mode holds weak
    references to it; here the new parameter takes the old one's place, tied ones included.
    """

    def __init__(self) -> None:
        # Old and new parameters of the outermost call, by the old one's id.
        self._replaced: dict[int, tuple[Any, Any]] = {}
        self._depth = 0

    def apply(self, module: Any, function: Callable[[Any], Any], recurse: bool) -> Any:
        self._depth += 1
        try:
            # Recurrent layers and many users' modules have an `_apply` of their own.
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
                self._replaced[id(new)] = (new, new)  # met again in a module of two parents
            module._parameters[key] = self._replaced[id(parameter)][1]
        for key, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[key] = function(buffer)
