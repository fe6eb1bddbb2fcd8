"""Tries guesses at a model's inputs until the model runs with one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from export_lsp.engine.declaring.changes import Style, trial_of
from export_lsp.engine.declaring.models import Model
from export_lsp.engine.fixing.trials import CarryOut, Trials
from export_lsp.fixes.example_inputs.guess import Guess
from export_lsp.fixes.proof import fits, rule_locations
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Check

# How many guesses are tried for a model, and for how many seconds.
GUESSES = 12
SECONDS = 60.0

# Stages before a model is called: what fails in them fails with any inputs.
_BEFORE_MODEL = ("load",)


@dataclass(frozen=True)
class Outcome:
    """The result of the search for one model.

    Attributes:
        model: The model.
        guess: What it ran with; None if nothing was found.
        problems: In how many places of the code its export then fails or warns.
        refusal: Why the first guess is none, in one sentence, if something is known about that.
        tried: How many guesses were tried.
    """

    model: Model
    guess: Guess | None = None
    problems: int = 0
    refusal: str = ""
    tried: int = 0


async def search(
    carry_out: CarryOut,
    check: Check,
    model: Model,
    guesses: Iterable[Guess],
    style: Style,
    tries: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Return the first guess that a model runs with.

    Args:
        carry_out: Carries out a check.
        check: The check of the model's file.
        model: The model.
        guesses: The guesses, the likeliest first.
        style: Where the declaration is to be written: it is tried there.
        tries: Called with the number of each trial, from 1.
    """
    began = asyncio.get_running_loop().time()
    refusal, tried = "", 0
    for guess in islice(guesses, GUESSES):
        if asyncio.get_running_loop().time() - began > SECONDS:
            break
        prepared = trial_of(check, model, guess, style)
        if prepared is None:
            continue
        tried += 1
        tries(tried)
        trial = await _tried(carry_out, prepared)
        if fits(trial):
            return Outcome(model, guess, len(set(rule_locations(trial.findings))), "", tried)
        refusal = refusal or _refusal(trial)
        if any(finding.stage in _BEFORE_MODEL for finding in trial.findings):
            break
    return Outcome(model, None, 0, refusal, tried)


async def _tried(carry_out: CarryOut, check: Check) -> Trial:
    trials = Trials(carry_out, replace(check, texts={}))
    trials.check_begins()
    return await trials.run(
        check.texts,
        target="",
        costly=False,
        rewrites=False,
        varied=False,
        can_stop=lambda trial: not fits(trial),
    )


def _refusal(trial: Trial) -> str:
    if trial.endless:
        return "it did not end in time"
    return trial.findings[-1].title if trial.findings else ""
