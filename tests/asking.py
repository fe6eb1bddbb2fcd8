"""Asking warm processes that answer a line of JSON with another, and being one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

# So many are asked at once, as a check runs two at a time as well.
PARALLEL = 2


def answers(module: str, questions: Sequence[Any]) -> list[Any]:
    """What ``python -m module`` says of each question; both are plain data."""
    return asyncio.run(_answers(module, questions))


async def _answers(module: str, questions: Sequence[Any]) -> list[Any]:
    found: dict[int, Any] = {}
    waiting = list(reversed(range(len(questions))))

    async def ask() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        while waiting:
            index = waiting.pop()
            process.stdin.write(json.dumps(questions[index]).encode() + b"\n")
            found[index] = json.loads(await process.stdout.readline())
        process.stdin.close()
        await process.wait()

    await asyncio.gather(*(ask() for _ in range(PARALLEL)))
    return [found[index] for index in range(len(questions))]


def answer_all(answer: Callable[[Any], Any], warm_up: Callable[[], None]) -> None:
    """Answer what comes in on stdin; whatever else is printed goes nowhere."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    null = os.open(os.devnull, os.O_RDWR)
    questions = os.fdopen(os.dup(0))
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    warnings.simplefilter("ignore")
    warm_up()
    for line in questions:
        print(json.dumps(answer(json.loads(line))), file=told)
