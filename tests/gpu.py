"""Run what needs a GPU: the tests marked ``gpu``, and a save of a model on CUDA beside torch.

Prints a report, and exits 1 if a part failed, and 2 if this machine has no CUDA device that torch
can use.  Each part ends after `PART_SECONDS`, so that all of it takes less than ten minutes.

Usage: ``python -m tests.gpu``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PART_SECONDS = 280

# The arguments of the interpreter, by what the report calls them.
PARTS: Mapping[str, Sequence[str]] = {
    "tests marked gpu": ("-m", "pytest", "-m", "gpu", "-q", "-rs", "-n", "0", "tests"),
    "benchmarks on CUDA": ("-m", "tests.benchmarks.warm_save", "--device", "cuda"),
}


@dataclass(frozen=True)
class Part:
    """A part that has run: its name, the reason why it counts as failed or "", and its output."""

    name: str
    failure: str
    output: str


def device() -> str | None:
    """Return the name of the first CUDA device and the versions used, or None without a device."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    return f"{torch.cuda.get_device_name(0)}, torch {torch.__version__}, CUDA {torch.version.cuda}"


def run(name: str, arguments: Sequence[str]) -> Part:
    """Run a part in a process of its own."""
    try:
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PART_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        shown = late.stdout or b""
        text = shown.decode("utf-8", "replace") if isinstance(shown, bytes) else shown
        return Part(name, f"did not end within {PART_SECONDS} s", text)
    return Part(name, failure(ended.returncode, ended.stdout), ended.stdout)


def failure(status: int, output: str) -> str:
    """Return why a part counts as failed, or "".

    A skipped test is a failure here: there is a GPU.
    """
    if status:
        return f"exit status {status}"
    if skipped := re.search(r"\b(\d+) skipped", output):
        return f"{skipped[1]} skipped"
    return ""


def report(on: str, parts: Sequence[Part]) -> str:
    """Return the report: the device, a line for each part, and what each printed."""
    lines = [on, *(f"{part.name}: {part.failure or 'passed'}" for part in parts)]
    outputs = [f"== {part.name} ==\n{part.output.rstrip()}" for part in parts]
    return "\n\n".join(["\n".join(lines), *outputs])


def main() -> None:
    on = device()
    if on is None:
        print("This machine has no CUDA device that torch can use: nothing was run.")
        sys.exit(2)
    parts = [run(name, arguments) for name, arguments in PARTS.items()]
    print(report(on, parts))
    sys.exit(any(part.failure for part in parts))


if __name__ == "__main__":
    main()
