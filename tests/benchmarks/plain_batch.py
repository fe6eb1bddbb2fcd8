"""Export the models of many files in one process that stays warm, to measure torch alone.

Print the seconds of each file's two exports on a line.

Usage: ``python plain_batch.py FILE…``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch


def loaded(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def seconds_of(module: Any, *, strict: bool) -> float:
    shapes = getattr(module, "dynamic_shapes", None)
    started = time.perf_counter()
    with contextlib.suppress(Exception):  # the time of a failing export counts too
        torch.export.export(module.model, module.example_args, dynamic_shapes=shapes, strict=strict)
    seconds = time.perf_counter() - started
    torch._dynamo.reset()
    return seconds


def main() -> None:
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    for strict in (False, True):  # the first export of a process loads parts of torch
        seconds_of(loaded(Path(sys.argv[1])), strict=strict)
    for name in sys.argv[1:]:
        module = loaded(Path(name))
        print(seconds_of(module, strict=False) + seconds_of(module, strict=True), file=answers)


if __name__ == "__main__":
    main()
