"""Import torch and what runs need of it, or report why the interpreter cannot check models."""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import time
import traceback

from export_lsp.protocol import VERSION, Ready, Unusable
from export_lsp.worker.user_code.packages import package_folders

OLDEST_TORCH = (2, 6)

# The seconds that Python takes at most until it imports this module, mostly.
BOOT_SECONDS = 0.2

# Tracing makes many objects and little garbage.  With Python's default thresholds (700, 10, 10 in
# 3.11) a fifth of an export is spent collecting it, and more the longer the process lives.
GC_THRESHOLDS = (10_000, 20, 20)


def load_torch(*, fork: bool) -> Ready | Unusable:
    """Import torch and the pipeline, and return the report for the server.

    `fork` is the value of `Ready.fork`.  The process stays single-threaded and does not initialise
    CUDA, so that forks of it are sound.
    """
    started, begun = time.perf_counter(), time.time() - BOOT_SECONDS
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        import torch  # here: a torch that is missing or broken is reported

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
        _load_pipeline()
        # Here: it imports torch.
        from export_lsp.worker.user_code.foundation import foundation
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
        observed=foundation(begun),
    )


def _broken(error: BaseException) -> Unusable:
    return Unusable(
        "torch-broken",
        f"torch in {sys.executable} does not work: {type(error).__name__}: {error}",
        traceback.format_exc(),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def _load_pipeline() -> None:
    """Import the modules of a run, and patch torch for all runs."""
    # Here: they import torch.
    import export_lsp.worker.check.early_trace
    import export_lsp.worker.check.run  # noqa: F401 - runs find both imported
    from export_lsp.worker.private import device_guard, fake_build

    if "TORCH_LOGS" not in os.environ:
        # What torch logs about a failed export is in its exception too, and so in the finding.
        logging.getLogger("torch").setLevel(logging.CRITICAL)
    fake_build.patch_init()
    device_guard.install_device_guard()
