"""Checks of texts that are not on disk: what would be found with an edit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace

from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Build, Check, Compared, Finished, Found, NeedsReal, RunEvent
from export_lsp.stages import TABLE

# Carries out a check.
CarryOut = Callable[[Check], AsyncGenerator[RunEvent, None]]

# A trial may take so many times what the check has taken, and at least so many seconds: an edit may
# have made a loop endless.
SLOWER = 4
PATIENCE = 10.0


class Trials:
    """Trials of edits beside a check, whose texts and settings are theirs.

    `build` is how the check's models are built by now; with `left` trials end.
    """

    def __init__(self, carry_out: CarryOut, check: Check) -> None:
        self._carry_out = carry_out
        self._check = check
        self._began = 0.0
        self._took = 0.0
        self.build: Build = check.build
        self.left = False

    def begin(self) -> None:
        """The check begins: trials are given time by what it takes."""
        self._began = asyncio.get_running_loop().time()

    def settle(self) -> None:
        """The check is over."""
        self._took = asyncio.get_running_loop().time() - self._began

    async def trial(
        self,
        edited: Mapping[str, str],
        *,
        costly: bool,
        only: str,
        rewritten: bool,
        over: Callable[[Trial], bool] = lambda trial: False,
        compared: Callable[[Trial], None] = lambda trial: None,
    ) -> Trial:
        """What a check with these texts says until it is `over`; nothing of it is known if it goes
        on for too long.

        What there is when a target's results have been `compared` is told then.
        """
        stages = [stage for stage in self._check.stages if costly or not TABLE[stage].costly]
        check = replace(
            self._check,
            run=next(run_numbers),
            texts={**self._check.texts, **edited},
            only=(only,) if only else (),
            rewritten=rewritten,
            build=self.build,
            stages=tuple(dict.fromkeys([*stages, "run"])),
        )
        took = self._took or asyncio.get_running_loop().time() - self._began
        started = asyncio.Event()
        turn = asyncio.ensure_future(started.wait())
        trial = asyncio.ensure_future(self._told_by(check, started, over, compared))
        try:
            # It may have to wait for its turn, which is not on its time.
            await asyncio.wait({trial, turn}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({trial}, timeout=max(PATIENCE, SLOWER * took))
            return trial.result() if trial.done() else Trial(endless=True)
        finally:
            turn.cancel()
            trial.cancel()
            await asyncio.wait({trial, turn})

    async def _told_by(
        self,
        check: Check,
        started: asyncio.Event,
        over: Callable[[Trial], bool],
        compared: Callable[[Trial], None],
    ) -> Trial:
        trial, again = Trial(), False
        async with aclosing(self._carry_out(check)) as events:
            async for event in events:
                started.set()
                if self.left:
                    break
                trial = trial.with_event(event)
                again = again or isinstance(event, NeedsReal)
                # A process takes some time to go once it has said all.
                if isinstance(event, Finished) and not again:
                    break
                if isinstance(event, Found) and over(trial):
                    break
                if isinstance(event, Compared):
                    compared(trial)
        return trial
