"""Export the model of a file repeatedly in one process, to measure torch alone.

For each line on stdin, which names exports as in `EXPORTS`, carry them out one after another and
print the seconds of each.

Usage: ``python bare_export.py FILE``.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

EXPORTS: dict[str, Callable[..., Any]] = {
    "non-strict": lambda *args, **kwargs: torch.export.export(*args, **kwargs, strict=False),
    "strict": lambda *args, **kwargs: torch.export.export(*args, **kwargs, strict=True),
    "draft_export": torch.export.draft_export,
}


def seconds_of(export: Callable[..., Any], names: dict[str, Any]) -> float:
    started = time.perf_counter()
    with contextlib.suppress(Exception):  # the time of a failing export counts too
        export(names["model"], names["example_args"], dynamic_shapes=names.get("dynamic_shapes"))
    seconds = time.perf_counter() - started
    torch._dynamo.reset()
    return seconds


def main() -> None:
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    sys.path.insert(0, os.path.dirname(sys.argv[1]))
    names = runpy.run_path(sys.argv[1])
    for line in sys.stdin:
        print(*(seconds_of(EXPORTS[name], names) for name in line.split()), file=answers)


if __name__ == "__main__":
    main()
