"""Looks for example inputs of several models, some at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from export_lsp.engine.declaring.changes import Style
from export_lsp.engine.declaring.models import Model
from export_lsp.engine.declaring.search import Outcome, search
from export_lsp.engine.fixing.trials import CarryOut
from export_lsp.fixes.example_inputs.import_effects import first_effect
from export_lsp.fixes.usage.guesses import guesses_at
from export_lsp.fixes.usage.project import Project
from export_lsp.fixes.usage.uses import Uses
from export_lsp.protocol import Check

# How many models are tried at the same time.
AT_ONCE = 2


@dataclass(frozen=True)
class Trying:
    """The check of a file, which its trials repeat, and the function that carries out checks."""

    check: Check
    carry_out: CarryOut


async def declare(
    models: Sequence[Model],
    project: Project,
    uses: Uses,
    trying: Callable[[Model], Trying],
    style: Style,
    report: Callable[[Model, int], None],
) -> list[Outcome]:
    """Return the outcome for each model.

    Args:
        models: The models.
        project: Their project.
        uses: The uses of its models.
        trying: Returns what the trials of a model need.
        style: Where declarations are to be written.
        report: Called with a model and the number of its trial, from 1, when that begins.

    Raises:
        Exception: whatever carrying out a check raises.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(model: Model) -> Outcome:
        effect = _effect(model)
        if effect:
            return Outcome(model, refusal=effect)
        async with gate:
            needed = trying(model)
            guesses = guesses_at(model.scope, project, uses)
            return await search(
                needed.carry_out,
                needed.check,
                model,
                guesses,
                style,
                lambda count: report(model, count),
            )

    tasks = [asyncio.ensure_future(one(model)) for model in models]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _effect(model: Model) -> str:
    """Return why the file of a model must not be imported to try it; "" if it may."""
    tree = model.scope.source.tree
    statement = first_effect(tree) if tree is not None else None
    if statement is None:
        return ""
    line = model.scope.source.lines[statement.lineno - 1].strip()
    return (
        f"importing the file would run line {statement.lineno} (`{line}`); put what only a script"
        ' should do under `if __name__ == "__main__":`'
    )
