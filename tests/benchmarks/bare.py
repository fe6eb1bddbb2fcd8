"""Exports a model file in a process that stays: the time that is torch's own.

Reads a line, exports the file's model once in each mode, prints the seconds of both.

Usage: ``python bare.py FILE``.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import time

import torch


def export(names: dict[str, object], *, strict: bool) -> float:
    started = time.perf_counter()
    with contextlib.suppress(Exception):  # a model that fails takes its time all the same
        torch.export.export(names["model"], names["example_args"], strict=strict)
    seconds = time.perf_counter() - started
    torch._dynamo.reset()
    return seconds


def main() -> None:
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    names = runpy.run_path(sys.argv[1])
    for _ in sys.stdin:
        print(export(names, strict=False), export(names, strict=True), file=answers)


if __name__ == "__main__":
    main()
