"""Export a fixed model file with torch alone, and compare its results with the original model's.

Neither the worker's export nor its comparison takes part, so that this checks the proofs of fixes.
A warm process (`tests.answer_processes`) that forks for every question: the fields of a `Question`
in, those of an `Answer` out.

Usage: ``python -m tests.plain_torch``.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device
from export_lsp.worker.execution.smaller_inputs import takes_sizes
from export_lsp.worker.hosts import warm_up_models
from export_lsp.worker.private import device_guard
from export_lsp.worker.stages import load
from export_lsp.worker.system.forked_call import call_in_fork
from export_lsp.worker.targets import discover
from export_lsp.worker.targets.input_variations import EXAMPLE, Variation, variations
from export_lsp.worker.user_code.workspace import Workspace
from tests.answer_processes import answer_questions

# Seconds for one export of a file, and for one run of the original model.
PATIENCE = 90.0

SEED = 20


@dataclass(frozen=True)
class Question:
    """A file with a fix, one of its targets ("" for the first), and the file without the fix."""

    file: str
    target: str
    original: str


@dataclass(frozen=True)
class Answer:
    """The result of an export by torch.

    Attributes:
        error: why the target does not export; "" if it does.
        differs: how the exported program's results differ from the fixed model's in eager mode;
            "" if they do not or cannot be compared.
        rewritten: how the fixed model's results differ from the original model's; "" likewise.
        other_side: on which other inputs that the original model takes the fixed one or its program
            raises, or gives something else; "" if on none.
    """

    error: str = ""
    differs: str = ""
    rewritten: str = ""
    other_side: str = ""


def export_and_compare(question: Question) -> Answer:
    """Export the target in each of its modes, in this process, and compare results."""
    target = _target(question.file, question.target)
    if target is None:
        return Answer(error=f"there is no target {question.target}")
    built = _built(target)
    eager = _results(lambda: copy.deepcopy(built.model), built)
    differs = ""
    programs = []
    for mode in target.modes or ("non-strict", "strict"):
        try:
            program = torch.export.export(
                copy.deepcopy(built.model),  # the program shares its buffers
                *copy.deepcopy((built.args, built.kwargs)),
                dynamic_shapes=built.dynamic_shapes,
                strict=mode == "strict",
            )
        except BaseException as error:
            return Answer(error=f"{mode}: {type(error).__name__}: {str(error)[:300]}")
        finally:
            torch._dynamo.reset()
        programs.append(program)
        if eager is not None:
            exported = _results(_module(program), built)
            differs = differs or _difference(eager, exported)
    original = call_in_fork(lambda: _run_original(question), timeout=PATIENCE)
    inputs, before, others = original or (None, None, {})
    # A fix may change the example inputs; then the results are not comparable.
    same = not _difference(inputs, pytree.tree_leaves((built.args, built.kwargs)))
    rewritten = _difference(before, eager) if eager and before and same else ""
    other_side = _other_side(built, programs, others) if eager and before and same else ""
    return Answer("", differs, rewritten, other_side)


def _module(program: ExportedProgram) -> Callable[[], Any]:
    """Return a function that makes a module of a program, with buffers of its own."""
    return lambda: copy.deepcopy(program.module())


def _other_side(
    built: Built, programs: Sequence[ExportedProgram], others: dict[Variation, list[Any]]
) -> str:
    """Return a variation of the inputs for which a fixed model does not give what it gave before.

    A program may refuse a size of 0 or 1 from data that is all the same, see `Variation`.
    """
    leaves = pytree.tree_leaves((built.args, built.kwargs or {}))
    for variation, before in others.items():
        difference = _difference(
            before, _results(lambda: copy.deepcopy(built.model), built, variation)
        )
        if difference:
            return f"eager, {variation}: {difference}"
        for program in programs:
            excused = variation.is_constant or not takes_sizes(program, variation.of(leaves))
            difference = _difference(before, _results(_module(program), built, variation))
            if difference and not excused:
                return f"program, {variation}: {difference}"
    return ""


def _run_original(
    question: Question,
) -> tuple[list[Any], list[Any] | None, dict[Variation, list[Any]]]:
    """Return the example inputs and the results before the fix, and those for other inputs.

    There are no results where the model raises.
    """
    target = _target(question.original, question.target)
    assert target is not None
    built = _built(target)
    inputs = pytree.tree_leaves((built.args, built.kwargs))
    results = _results(lambda: copy.deepcopy(built.model), built)
    others = {
        variation: found
        for variation in variations(inputs, ())
        if (found := _comparable(_results(lambda: copy.deepcopy(built.model), built, variation)))
    }
    return _comparable(inputs) or [], _comparable(results), others


def _comparable(leaves: list[Any] | None) -> list[Any] | None:
    """Return the leaves; None if they include objects that cannot be compared."""
    known = (torch.Tensor, int, float, bool, str, type(None))
    return leaves if leaves and all(isinstance(leaf, known) for leaf in leaves) else None


def _target(file: str, name: str) -> Target | None:
    folder = os.path.dirname(file)
    os.chdir(folder)
    sys.argv = [file]
    sys.path.insert(0, folder)
    torch.manual_seed(SEED)
    with device.build_context("real"):
        targets = discover(load.import_file(file), Workspace(folder).read(file), ())
    return next((target for target in targets if name in ("", target.name)), None)


def _built(target: Target) -> Built:
    torch.manual_seed(SEED)
    with device.build_context("real"):
        return Built(target.model(), target.args(), target.kwargs(), target.dynamic_shapes())


def _results(
    model: Callable[[], Any], built: Built, variation: Variation = EXAMPLE
) -> list[Any] | None:
    """Return the leaves of a model's results on copies of its inputs, varied; None if it raises."""
    torch.manual_seed(SEED)
    try:
        with torch.no_grad():
            leaves, structure = pytree.tree_flatten(copy.deepcopy((built.args, built.kwargs or {})))
            args, kwargs = pytree.tree_unflatten(variation.of(leaves), structure)
            return list(pytree.tree_leaves(model()(*args, **kwargs)))
    except Exception:
        return None


def _difference(one: list[Any] | None, other: list[Any] | None) -> str:
    if one is None or other is None:
        return "" if one is other else "one of them raises"
    if len(one) != len(other):
        return f"{len(one)} results, then {len(other)}"
    for index, (a, b) in enumerate(zip(one, other, strict=True)):
        if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
            same = a.shape == b.shape and torch.allclose(
                a.to(torch.float64) if not a.is_complex() else a,
                b.to(torch.float64) if not b.is_complex() else b,
                rtol=1e-3,
                atol=1e-4,
                equal_nan=True,
            )
        else:
            same = type(a) is not type(b) or a == b
        if not same:
            return f"result {index} differs"
    return ""


def answer(fields: dict[str, str]) -> dict[str, Any]:
    """Answer a question in a fork, which may hang or crash."""
    found = call_in_fork(lambda: export_and_compare(Question(**fields)), timeout=PATIENCE)
    return dataclasses.asdict(found or Answer(error="the process gave no answer"))


def warm_up() -> None:
    torch.set_num_threads(1)
    device_guard.install_device_guard()
    for strict in (False, True):
        torch.export.export(warm_up_models.GoodModel(), warm_up_models.good_inputs(), strict=strict)
    torch._dynamo.reset()


def copy_with_modules(file: Path, folder: Path) -> Path:
    """Copy a file, and the modules beside and below it, to a folder; return the file's copy."""
    for other in file.parent.rglob("*.py"):
        to = folder / other.relative_to(file.parent)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(other.read_bytes())
    return folder / file.name


if __name__ == "__main__":
    answer_questions(answer, warm_up)
