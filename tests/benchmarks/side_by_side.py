"""Parts of benchmarks that compare a server with processes that only export."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import MODES
from tests.server.editor import Editor

T = TypeVar("T")

# Seconds between saves, so that work after a check, such as forking the next run, is not measured.
# A person's saves are further apart.
PAUSE = 0.7

# Seconds that a check, or torch, may take.
PATIENCE = 600.0


class BareExport:
    """A warm process that exports a file's model on request (`bare_export.py`)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, file: Path) -> BareExport:
        script = Path(__file__).with_name("bare_export.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(script),
            str(file),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def seconds(self, *exports: str) -> list[float]:
        """Carry out these exports (names of `bare_export.EXPORTS`); return the seconds of each."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(exports).encode() + b"\n")
        answer = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        return [float(word) for word in answer.split()]

    async def stop(self) -> None:
        self._process.kill()
        await self._process.wait()


@dataclass(frozen=True)
class Saved:
    """Seconds from a save to each of its diagnostics, to one met in all modes, and to the end."""

    appeared: tuple[float, ...]
    in_all_modes: float
    end: float


async def open_editor(file: Path) -> Editor:
    """Return an editor with a file open that has been checked once."""
    editor = Editor("vscode-1.139", dict(os.environ))
    await editor.start([file.parent], {"trusted": True, "interpreter": sys.executable})
    editor.open(file)
    await editor.wait_until(
        lambda: editor.raw(file) and not editor.status.get("busy"), timeout=PATIENCE
    )
    return editor


async def save(editor: Editor, file: Path, text: str, wanted: str) -> Saved:
    """Save a text, and time its diagnostics.

    Args:
        editor: an editor with the file open.
        file: the file.
        text: differs from all texts before it, whose results would be recalled.
        wanted: part of the message of this text's diagnostics, but of no earlier one's.
    """
    await asyncio.sleep(PAUSE)
    seen = len(editor.notifications)
    appeared: dict[Any, float] = {}
    in_all_modes: list[float] = []
    started = time.perf_counter()

    def is_checked() -> bool:
        now = time.perf_counter() - started
        for item in (item for item in editor.raw(file) if wanted in item["message"]):
            appeared.setdefault((item["code"], item["range"]["start"]["line"]), now)
            if len(item["data"]["modes"]) == len(MODES) and not in_all_modes:
                in_all_modes.append(now)
        return idle_again(editor, seen)

    editor.save(file, text)
    await editor.wait_until(is_checked, timeout=PATIENCE)
    end = time.perf_counter() - started
    return Saved(tuple(appeared.values()), in_all_modes[0], end)


def idle_again(editor: Editor, seen: int) -> bool:
    """Return whether a check has ended since notification number `seen`."""
    news = [
        params for method, params in editor.notifications[seen:] if method == "exportLsp/status"
    ]
    return bool(news) and not news[-1]["busy"] and any(params["busy"] for params in news)


def spread(values: Sequence[float], form: str = ".3g") -> str:
    """Return the median, the minimum and the maximum as text, without values that are NaN."""
    values = [value for value in values if not math.isnan(value)]
    if not values:
        return "none"
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def in_rounds(
    description: str,
    rounds: int,
    measure: Callable[[Path, int], Coroutine[Any, Any, list[T]]],
    report: Callable[[list[T]], Table],
) -> None:
    """Run a benchmark's command: measure in a temporary folder, and print the table.

    Args:
        description: the description of the command.
        rounds: the default number of rounds.
        measure: measures a number of rounds in a folder.
        report: makes the table.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder).resolve(), options.rounds))
    Console().print(report(measured))
