"""`build`: make the model and its example inputs."""

from __future__ import annotations

from typing import Any

from export_lsp.protocol import Check, Finding, Location
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure, memory_finding, reason
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of
from export_lsp.worker.user_code.workspace import Workspace


class BuildFailedError(Exception):
    """A part of the target could not be made; `part` names it, `place` is its declaration."""

    def __init__(self, part: str, place: Location) -> None:
        super().__init__(part)
        self.part = part
        self.place = place


def build(target: Target, check: Check) -> Built:
    """
    Raises:
        BuildFailedError: from what the user's code raised.
    """
    move = device.mover(check.device, check.build)
    places = target.places
    with device.build_context(check.build):
        model = _make("the model", target.model, places.model)
        args = _make("the example inputs", target.args, places.args)
        kwargs = _make("the example keyword inputs", target.kwargs, places.kwargs)
        shapes = _make("dynamic_shapes", target.dynamic_shapes, places.dynamic_shapes)
        place = places.preserved or places.declaration
        preserved = _make("preserve_module_call_signature", target.preserved, place)
    return Built(move(model), move(args), move(kwargs), shapes, preserved)


def _make(part: str, make: Any, place: Location) -> Any:
    try:
        return make()
    except USER_ERRORS as error:
        raise BuildFailedError(part, place) from error


def explain(failed: BuildFailedError, target: Target, workspace: Workspace) -> Finding:
    """The finding for a part that could not be made."""
    error = failed.__cause__ or failed
    frames = locate.frames_of(error, workspace)
    failure = Failure(error, "build", None, target, workspace, SymbolTracker(workspace), frames)
    place = None if frames else failed.place
    memory = memory_finding(failure)
    if memory is not None:
        return memory
    return failure.finding(
        "build-error",
        f"Making {failed.part} of target `{target.name}` {_what(error)}",
        location=place,
    )


def _what(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "ends the program (`sys.exit`)"
    if errors.wants_cuda(text_of(error)):
        return errors.NEEDS_CUDA
    return f"raises {reason(error)}"
