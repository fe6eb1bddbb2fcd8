"""Helper processes that stay warm: each answers a question, a line of JSON, with a line of JSON.

`ask_processes` starts them and sends the questions; `answer_questions` is their main loop.
"""

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

# Processes at a time, as many as checks that run at a time.
PARALLEL = 2


def ask_processes(module: str, questions: Sequence[Any]) -> list[Any]:
    """Return the answer of ``python -m module`` to each question, in order.

    Args:
        module: a module that calls `answer_questions`.
        questions: plain data, as the answers are.
    """
    return asyncio.run(_ask(module, questions))


async def _ask(module: str, questions: Sequence[Any]) -> list[Any]:
    answers: dict[int, Any] = {}
    waiting = list(reversed(range(len(questions))))

    async def ask_one_process() -> None:
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
            answers[index] = json.loads(await process.stdout.readline())
        process.stdin.close()
        await process.wait()

    await asyncio.gather(*(ask_one_process() for _ in range(PARALLEL)))
    return [answers[index] for index in range(len(questions))]


def answer_questions(answer: Callable[[Any], Any], warm_up: Callable[[], None]) -> None:
    """Answer the questions on stdin until it ends; anything else that is printed is dropped."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    null = os.open(os.devnull, os.O_RDWR)
    questions = os.fdopen(os.dup(0))
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    warnings.simplefilter("ignore")
    warm_up()
    for line in questions:
        print(json.dumps(answer(json.loads(line))), file=answers)
