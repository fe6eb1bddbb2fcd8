"""Import torch and walk the export pipeline once, so that no run pays for it."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
import traceback

from export_lsp.protocol import VERSION, Mode, Ready, Unusable

OLDEST_TORCH = (2, 6)


def warm_up(*, fork: bool) -> Ready | Unusable:
    """Make this process ready to check models, or say in one sentence why it cannot.

    It stays single-threaded and never touches CUDA, so that forks of it are sound.
    """
    started = time.perf_counter()
    try:
        import torch
    except ModuleNotFoundError as error:
        if error.name == "torch":
            return Unusable(
                "torch-missing",
                f"{sys.executable} has no torch: choose the interpreter your models run with",
            )
        return _broken(error)
    except Exception as error:
        return _broken(error)
    if _version(torch.__version__) < OLDEST_TORCH:
        return Unusable(
            "torch-too-old",
            f"torch {torch.__version__} in {sys.executable} is too old:"
            f" export-lsp needs {'.'.join(map(str, OLDEST_TORCH))} or newer",
        )
    torch.set_num_threads(1)
    try:
        _export_something()
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
    )


def _broken(error: Exception) -> Unusable:
    return Unusable(
        "torch-broken",
        f"torch in {sys.executable} does not work: {type(error).__name__}: {error}",
        traceback.format_exc(),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def _export_something() -> None:
    import torch
    import torch._dynamo

    import export_lsp.worker.run  # noqa: F401 - what every run needs of ours, paid for here
    from export_lsp.worker.private import absent_cuda, fake_build

    fake_build.install()
    absent_cuda.install_device_guard()

    class Warm(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(4, 4)
            self.register_buffer("scale", torch.ones(4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(self.linear(x)) * self.scale + x.shape[0]

    with fake_build.fake_parameters():
        model = Warm()
    modes: tuple[Mode, ...] = ("non-strict", "strict")
    for mode in modes:
        torch.export.export(
            model,
            (torch.zeros(3, 4),),
            dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
            strict=mode == "strict",
        )
    torch._dynamo.reset()
