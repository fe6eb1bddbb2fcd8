"""Export a model file with torch alone, and answer with the texts of everything that fails.

No code of the worker takes part.  The processes have imported torch and nothing else, and fork for
every question, so that an export is torch's first.

Usage: ``python -m tests.plain_export``; see `ask`.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.answer_processes import answer_questions, ask_processes

MODES = ("non-strict", "strict")


@dataclass(frozen=True)
class PlainExport:
    """The exports of a file in both modes.

    `failures` has, by mode and step (export, run, decompose), the texts of the exception and of
    those that it was raised from, with their classes, as they end a traceback.
    """

    failures: dict[str, dict[str, list[str]]]

    def text(self, mode: str, step: str = "export") -> str:
        """Return all that torch writes about a step that failed; "" for one that did not."""
        return "\n\n".join(self.failures[mode].get(step, ()))


def ask(files: Sequence[Path]) -> dict[Path, PlainExport]:
    """Export files that declare a target as `model`, `example_args` and so on."""
    answers = ask_processes("tests.plain_export", [str(file) for file in files])
    return {file: PlainExport(answer) for file, answer in zip(files, answers, strict=True)}


def answer(path: str) -> dict[str, dict[str, list[str]]]:
    return {mode: _in_fork(functools.partial(_failures, path, mode)) for mode in MODES}


def _failures(path: str, mode: str) -> dict[str, list[str]]:
    sys.path.insert(0, os.path.dirname(path))
    names = vars(importlib.import_module(os.path.basename(path).removesuffix(".py")))
    model = _made(names["model"])
    args, kwargs = _made(names.get("example_args", ())), _made(names.get("example_kwargs")) or {}
    shapes = _made(names.get("dynamic_shapes"))
    try:
        program = torch.export.export(
            model, args, kwargs, dynamic_shapes=shapes, strict=mode == "strict"
        )
    except BaseException as error:
        return {"export": list(_texts(error))}
    failures = {}
    steps: dict[str, Callable[[], Any]] = {
        "run": lambda: program.module()(*args, **kwargs),
        "decompose": program.run_decompositions,
    }
    for step, carry_out in steps.items():
        try:
            carry_out()
        except BaseException as error:
            failures[step] = list(_texts(error))
    return failures


def _made(value: Any) -> Any:
    return value() if callable(value) and not isinstance(value, torch.nn.Module) else value


def _texts(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield "".join(traceback.format_exception_only(type(error), error)).strip()
        error = error.__cause__ or error.__context__


def _in_fork(function: Callable[[], Any]) -> Any:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with os.fdopen(writer, "w") as stream:
                json.dump(function(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else {"export": ["the process died"]}


def warm_up() -> None:
    torch.set_num_threads(1)


if __name__ == "__main__":
    answer_questions(answer, warm_up)
