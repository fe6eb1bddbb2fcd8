"""Runs trials: checks of edited texts, which show what an edit would do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace

from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import (
    Build,
    Check,
    Compared,
    Finished,
    Found,
    Location,
    Rebuild,
    RunEvent,
)
from export_lsp.stages import TABLE

CarryOut = Callable[[Check], AsyncGenerator[RunEvent, None]]
"""Yields the events of a check; closing the generator kills its run."""

# A trial may take this many times as long as the check, and at least this many seconds: an edit may
# have made a loop endless.
SLOWDOWN = 4
LEAST_SECONDS = 20.0


class Trials:
    """Runs the trials of a check's candidates, under the settings of the check.

    Attributes:
        build: How the models of the trials are built: as those of the check.
        abandoned: Once True, trials end at their next event.
    """

    def __init__(self, carry_out: CarryOut, check: Check) -> None:
        self._carry_out = carry_out
        self._check = check
        self._check_began = 0.0
        self._check_seconds = 0.0
        self.build: Build = check.build
        self.abandoned = False

    def check_begins(self) -> None:
        """Note that the check begins: its duration bounds that of trials."""
        self._check_began = asyncio.get_running_loop().time()

    def check_ends(self) -> None:
        """Note that the check has ended."""
        self._check_seconds = self._seconds_since_start()

    async def run(
        self,
        edited: Mapping[str, str],
        *,
        target: str,
        costly: bool,
        rewrites: bool,
        varied: bool,
        guard: Location | None = None,
        can_stop: Callable[[Trial], bool] = lambda trial: False,
        compared: Callable[[Trial], None] = lambda trial: None,
    ) -> Trial:
        """Run a trial and return its outcome.

        Args:
            edited: The texts of the edited files, by path.
            target: The only target to check, "" for all.
            costly: Carry out the costly stages of the check as well.
            rewrites: The edits may change what the model computes, so that its results are compared
                with those of the files on disk.
            varied: Compare the results on variations of the example inputs as well.
            guard: The expression that the edits are about, if there is only one.
            can_stop: Called after each finding with the outcome so far; True ends the trial.
            compared: Called with the outcome so far when a target's results have been compared.
        """
        stages = [stage for stage in self._check.stages if costly or not TABLE[stage].costly]
        if costly:
            stages.append("backends")  # those that the check asks for, if any
        check = replace(
            self._check,
            run=next(run_numbers),
            texts={**self._check.texts, **edited},
            only=(target,) if target else (),
            rewritten=rewrites,
            varied=varied,
            guard=guard,
            build=self.build,
            stages=tuple(dict.fromkeys([*stages, "run"])),
        )
        started = asyncio.Event()
        turn = asyncio.ensure_future(started.wait())
        trial = asyncio.ensure_future(self._outcome(check, started, can_stop, compared))
        try:
            # The wait for a slot does not count.
            await asyncio.wait({trial, turn}, return_when=asyncio.FIRST_COMPLETED)
            began = asyncio.get_running_loop().time()
            while not trial.done() and (seconds := self._seconds_left(began)) > 0:
                await asyncio.wait({trial}, timeout=seconds)
            return trial.result() if trial.done() else Trial(endless=True)
        finally:
            turn.cancel()
            trial.cancel()
            await asyncio.wait({trial, turn})

    async def _outcome(
        self,
        check: Check,
        started: asyncio.Event,
        can_stop: Callable[[Trial], bool],
        compared: Callable[[Trial], None],
    ) -> Trial:
        trial, starts_again = Trial(), False
        async with aclosing(self._carry_out(check)) as events:
            async for event in events:
                started.set()
                if self.abandoned:
                    break
                trial = trial.with_event(event)
                starts_again |= isinstance(event, Rebuild)
                # The process takes a moment to exit; nothing more comes from it, unless the check
                # goes on in another one.
                if isinstance(event, Finished) and not starts_again:
                    break
                if isinstance(event, Found) and can_stop(trial):
                    break
                if isinstance(event, Compared):
                    compared(trial)
        return trial

    def _seconds_left(self, began: float) -> float:
        """Return how long a trial that began then may still take.

        On a busy machine the check takes longer as well, and its end is not known at first.
        """
        check_seconds = self._check_seconds or self._seconds_since_start()
        taken = asyncio.get_running_loop().time() - began
        return max(LEAST_SECONDS, SLOWDOWN * check_seconds) - taken

    def _seconds_since_start(self) -> float:
        return asyncio.get_running_loop().time() - self._check_began
