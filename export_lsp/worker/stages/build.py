"""`build`: build the model and its example inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from export_lsp.protocol import Check, Finding, Location
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device
from export_lsp.worker.execution.large_tensors import LargeTensors
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure, raised_words
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import Words, article
from export_lsp.worker.user_code.workspace import Workspace


class BuildFailedError(Exception):
    """A part of the target could not be built; its cause is what the user's code raised.

    `part` names the part in messages, `place` is where it is declared.
    """

    def __init__(self, part: str, place: Location) -> None:
        super().__init__(part)
        self.part = part
        self.place = place


class NotAModuleError(Exception):
    """The model of a target is of a class that ``torch.export`` does not take."""

    def __init__(self, model: object) -> None:
        # A tensor may be a fake one.
        name = "Tensor" if isinstance(model, torch.Tensor) else type(model).__name__
        super().__init__(f"{article(name)} `{name}`")


def build(target: Target, check: Check) -> Built:
    """Build a target's model, example inputs, dynamic_shapes and preserved submodules.

    Args:
        check: says whether parameters are fake (`build`), and on which device tensors are.

    Raises:
        BuildFailedError: if the user's code raises, or the model is no ``nn.Module``.
    """
    move = device.mover(check.device, check.build)
    places = target.places
    with device.build_context(check.build):
        model = _call("the model", lambda: _module(target.model()), places.model)
        args = _call_for_inputs("the example inputs", target.args, places.args)
        kwargs = _call_for_inputs("the example keyword inputs", target.kwargs, places.kwargs)
        shapes = _call("dynamic_shapes", target.dynamic_shapes, places.dynamic_shapes)
        place = places.preserved or places.declaration
        preserved = _call("preserve_module_call_signature", target.preserved, place)
    return Built(move(model), move(args), move(kwargs), shapes, preserved)


def _module(model: Any) -> Any:
    if not isinstance(model, torch.nn.Module):
        raise NotAModuleError(model)
    return model


def _call(part: str, build_part: Callable[[], Any], place: Location) -> Any:
    try:
        return build_part()
    except USER_ERRORS as error:
        raise BuildFailedError(part, place) from error


def _call_for_inputs(part: str, build_part: Callable[[], Any], place: Location) -> Any:
    """Build example inputs, the large ones fake unless the user's code reads their values."""
    with LargeTensors() as large:
        try:
            return _call(part, build_part, place)
        except BuildFailedError:
            if not large.any_made:
                raise
    return _call(part, build_part, place)


def explain(failed: BuildFailedError, target: Target, workspace: Workspace) -> Finding:
    """Return the finding for a part that could not be built."""
    error = failed.__cause__ or failed
    stack = Stack(locate.frames_of(error, workspace))
    failure = Failure(error, "build", None, target, workspace, SymbolTracker(workspace), stack)
    place = None if stack else failed.place
    memory = memory_finding(failure)
    if memory is not None:
        return memory
    if isinstance(error, NotAModuleError):
        return failure.finding(
            "build-error",
            Words(
                "Model that is no `nn.Module`",
                f"The model of target `{target.name}` is {error}, and torch.export takes an"
                " `nn.Module`.",
                "Give an instance, a class or a function without arguments that returns one.",
            ),
            location=place,
        )
    doing = f"building {failed.part}"
    return failure.finding("build-error", raised_words(error, doing), location=place)
