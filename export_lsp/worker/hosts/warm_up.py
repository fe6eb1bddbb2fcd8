"""Export small models, so that no run is the first to use a part of torch."""

from __future__ import annotations

import contextlib
import gc
import io
from collections.abc import Iterator
from typing import Any
from unittest import mock

from export_lsp.protocol import MODES

# Modules that import torch are imported in functions: hosts are imported before it is known whether
# that works.


def warm_up_steps() -> Iterator[None]:
    """Take a good model and a failing one through the pipeline, one export or stage a step.

    A failure takes paths of its own through torch (unbacked symbols, Dynamo's error messages).  The
    first failure takes longer than the second one by more than the export of a small model.
    """
    import torch

    from export_lsp.worker.hosts import warm_up_models
    from export_lsp.worker.private import absent_cuda, fake_build

    with absent_cuda.without_cuda_queries(), fake_build.fake_parameters():
        model = warm_up_models.GoodModel()
    programs: list[Any] = []
    for mode in MODES:
        for shapes in (None, warm_up_models.good_dynamic_shapes()):
            with _isolated():
                inputs = warm_up_models.good_inputs()
                program = torch.export.export(
                    model, inputs, dynamic_shapes=shapes, strict=mode == "strict"
                )
                programs.append(program)
            yield
    for program in programs[:1]:
        yield from _stages_after_export(program)
    rehearse()
    gc.collect()
    gc.freeze()


def _stages_after_export(program: Any) -> Iterator[None]:
    """Save, load and decompose a program; the first time loads a large part of torch."""
    import torch

    with _isolated():
        file = io.BytesIO()
        torch.export.save(program, file)
        file.seek(0)
        torch.export.load(file)
    yield
    with _isolated():
        program.run_decompositions()
    yield


def rehearse() -> None:
    """Export a model that fails, in both modes."""
    import torch
    import torch._dynamo

    from export_lsp.worker.hosts import warm_up_models

    for mode in MODES:
        with _isolated():
            torch.export.export(
                warm_up_models.FailingModel(),
                warm_up_models.failing_inputs(),
                strict=mode == "strict",
            )
    with _isolated():
        torch._dynamo.reset()


@contextlib.contextmanager
def _isolated() -> Iterator[None]:
    """While active, an export may fail and print to stderr, and leaves CUDA and threads alone.

    An exception ends the block and goes no further.
    """
    import torch.hub

    from export_lsp.worker.private import absent_cuda

    quiet = contextlib.redirect_stderr(io.StringIO())
    # The progress bar of torch.fx's interpreter is not shown, and starts a thread all the same.
    unmonitored = mock.patch.object(torch.hub.tqdm, "monitor_interval", 0, create=True)
    with (
        absent_cuda.without_cuda_queries(),
        quiet,
        unmonitored,
        contextlib.suppress(Exception),
    ):
        yield
