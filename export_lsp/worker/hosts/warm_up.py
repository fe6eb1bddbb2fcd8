"""Import torch, and walk the export pipeline once so that no run pays for its first time."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any
from unittest import mock

from export_lsp.protocol import MODES, VERSION, Ready, Unusable
from export_lsp.worker.user_code.packages import package_folders

OLDEST_TORCH = (2, 6)

# Tracing makes many objects and little garbage: with Python's own thresholds (700, 10, 10 in 3.11)
# a fifth of an export goes into looking for it, the more the longer the process lives.
GARBAGE = (10_000, 20, 20)


def warm_up(*, fork: bool) -> Ready | Unusable:
    """Import all that checking models needs, or say in one sentence why that cannot be.

    It stays single-threaded and never touches CUDA, so that forks of it are sound.
    """
    started = time.perf_counter()
    gc.set_threshold(*GARBAGE)
    try:
        import torch

        version = torch.__version__
    except ModuleNotFoundError as error:
        if error.name == "torch":
            return Unusable(
                "torch-missing",
                f"{sys.executable} has no torch: choose the interpreter your models run with",
            )
        return _broken(error)
    except (Exception, SystemExit) as error:
        return _broken(error)
    if _version(version) < OLDEST_TORCH:
        return Unusable(
            "torch-too-old",
            f"torch {version} in {sys.executable} is too old:"
            f" export-lsp needs {'.'.join(map(str, OLDEST_TORCH))} or newer",
        )
    torch.set_num_threads(1)
    try:
        _install()
    except Exception as error:
        return _broken(error)
    gc.collect()
    gc.freeze()
    return Ready(
        version=VERSION,
        python=sys.executable,
        torch=torch.__version__,
        pid=os.getpid(),
        fork=fork,
        seconds=time.perf_counter() - started,
        packages=package_folders(),
    )


def _broken(error: BaseException) -> Unusable:
    return Unusable(
        "torch-broken",
        f"torch in {sys.executable} does not work: {type(error).__name__}: {error}",
        traceback.format_exc(),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def _install() -> None:
    """Import what every run needs, and prepare torch for it."""
    import export_lsp.worker.check.early_trace
    import export_lsp.worker.check.run  # noqa: F401 - paid for here
    from export_lsp.worker.private import absent_cuda, fake_build

    if "TORCH_LOGS" not in os.environ:
        # Whatever torch logs of a failed export is in its exception too, and so in the finding.
        logging.getLogger("torch").setLevel(logging.CRITICAL)
    fake_build.patch_init()
    absent_cuda.install_device_guard()


def steps() -> Iterator[None]:
    """Walk the pipeline as runs will, one export a step: a good model and one that fails.

    A failure has its own way through torch (unbacked symbols, Dynamo's error messages), whose
    first time takes longer than the second by more than a small model's whole export.
    """
    import torch

    from export_lsp.worker.hosts import warm_models
    from export_lsp.worker.private import absent_cuda, fake_build

    with absent_cuda.without_cuda_queries(), fake_build.fake_parameters():
        good = warm_models.Good()
    programs: list[Any] = []
    for mode in MODES:
        for shapes in (None, warm_models.good_shapes()):
            with _aside():
                program = torch.export.export(
                    good, warm_models.good_inputs(), dynamic_shapes=shapes, strict=mode == "strict"
                )
                programs.append(program)
            yield
    for program in programs[:1]:
        yield from _after_tracing(program)
    rehearse()
    gc.collect()
    gc.freeze()


def _after_tracing(program: Any) -> Iterator[None]:
    """Save, load and decompose a program, which load a good part of torch the first time."""
    import torch

    with _aside():
        file = io.BytesIO()
        torch.export.save(program, file)
        file.seek(0)
        torch.export.load(file)
    yield
    with _aside():
        program.run_decompositions()
    yield


def rehearse() -> None:
    """Export a model that fails, in both modes."""
    import torch
    import torch._dynamo

    from export_lsp.worker.hosts import warm_models

    for mode in MODES:
        with _aside():
            torch.export.export(
                warm_models.Failing(), warm_models.failing_inputs(), strict=mode == "strict"
            )
    with _aside():
        torch._dynamo.reset()


@contextlib.contextmanager
def _aside() -> Iterator[None]:
    """Within, an export may fail and print about it, leaves CUDA alone and starts no thread."""
    import torch.hub

    from export_lsp.worker.private import absent_cuda

    quiet = contextlib.redirect_stderr(io.StringIO())
    # The progress bar of torch.fx's interpreter is never shown, and has a thread all the same.
    unwatched = mock.patch.object(torch.hub.tqdm, "monitor_interval", 0, create=True)
    with absent_cuda.without_cuda_queries(), quiet, unwatched, contextlib.suppress(Exception):
        yield
