"""Carries out the checks of a workspace folder with the interpreter that its settings choose."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from export_lsp.engine.environment import in_environment, neutral_environment
from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import HostKey, Pool
from export_lsp.engine.interpreters import (
    Considered,
    Interpreter,
    InterpreterError,
    Sources,
    choose,
    consider,
    own_interpreter,
    torchless_home,
)
from export_lsp.engine.runs import check_events
from export_lsp.protocol import Check, Loaded, Ready, RunEvent, Unusable
from export_lsp.settings import Resolved, Settings

Learn = Callable[[Path, Ready], None]


def choose_interpreter(
    folder: Path, resolved: Resolved, selected: str | None = None
) -> Interpreter:
    """Choose the interpreter that checks a folder's files, in this process's environment.

    Args:
        folder: The workspace folder.
        resolved: Its settings; `interpreter` is the first choice.
        selected: The path of the interpreter selected in the editor, if any.

    Raises:
        InterpreterError: The setting names no interpreter, or none was found.
    """
    return choose(_sources(folder, resolved, selected))


def consider_interpreters(
    folder: Path, resolved: Resolved, selected: str | None = None
) -> Sequence[Considered]:
    """Return the places that `choose_interpreter` looks at, and what comes of each."""
    return tuple(consider(_sources(folder, resolved, selected)))


def _sources(folder: Path, resolved: Resolved, selected: str | None) -> Sources:
    return Sources(
        folder,
        setting=resolved.settings.interpreter,
        origin=resolved.origins["interpreter"],
        selected=selected,
        environment=neutral_environment(os.environ),
        own=own_interpreter(),
        home=torchless_home(),
    )


def _is_stale(outcome: Ready | Unusable) -> bool:
    return isinstance(outcome, Ready) and not disk.is_unchanged(outcome.observed)


class Checker:
    """Carries out the checks of one workspace folder, after `configure`.

    Args:
        folder: The workspace folder.
        pool: The worker hosts, shared with other folders.
        learn: Called with an interpreter and the report of its host, for each check.

    Attributes:
        resolved: The folder's settings.
        ready: The report of the interpreter's host, None before there is one.
        unusable: One sentence for the user while nothing can be checked, else None.
        unusable_reason: The reason as in `Unusable`, or "no-interpreter"; "" if checks can be made.
    """

    def __init__(self, folder: Path, pool: Pool, learn: Learn = lambda *_: None) -> None:
        self._folder = folder
        self._pool = pool
        self._learn = learn
        self._selected: str | None = None
        self._chosen: Interpreter | InterpreterError = InterpreterError(
            "The settings have not been read."
        )
        self.resolved = Resolved(Settings(), {}, {}, (), None)
        self.ready: Ready | None = None
        self.unusable: str | None = None
        self.unusable_reason = ""

    @property
    def settings(self) -> Settings:
        """The values of the folder's settings."""
        return self.resolved.settings

    @property
    def interpreter(self) -> Interpreter | None:
        """The chosen interpreter, None if none was found."""
        return self._chosen if isinstance(self._chosen, Interpreter) else None

    @property
    def python(self) -> Path | None:
        """The path of the chosen interpreter, None if none was found."""
        chosen = self.interpreter
        return chosen.path if chosen is not None else None

    @property
    def considered(self) -> Sequence[Considered]:
        """The places that the interpreter may have come from, and what came of each."""
        return consider_interpreters(self._folder, self.resolved, self._selected)

    @property
    def host_key(self) -> HostKey | None:
        """The key in the pool of the host that carries out the checks, None if there is none."""
        chosen = self.interpreter
        return HostKey(chosen.path, self.settings.standby) if chosen is not None else None

    def configure(self, resolved: Resolved, selected: str | None = None) -> bool:
        """Use these settings from now on, and choose the interpreter again.

        Args:
            resolved: The folder's settings.
            selected: The path of the interpreter selected in the editor, if any.

        Returns:
            True if another host carries out the checks from now on.
        """
        before = self.host_key
        self.resolved = resolved
        self._selected = selected
        self._choose()
        if self.host_key == before:
            return False
        self.ready = self.unusable = None
        return True

    def require_interpreter(self) -> Interpreter:
        """Return the chosen interpreter.

        Raises:
            InterpreterError: None was found.
        """
        if isinstance(self._chosen, InterpreterError):
            raise self._chosen
        return self._chosen

    def budget(self) -> Budget:
        """Return the limits of a search for fixes, from the settings."""
        return Budget(self.settings.fix_candidates, self.settings.fix_seconds)

    def warm_up(self) -> None:
        """Start the host now, so that the first check need not wait until torch is imported."""
        if (key := self.host_key) is not None:
            self._pool.host(key)

    async def carry_out(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        """Yield the events of a check, the last one its `Exited`.

        The first one is a `Loaded` with the observations of the host that carries out the check.  A
        host that turns out to have died, or to have imported files that have changed, is opened
        again, once.  Closing the generator early kills the run.

        Raises:
            InterpreterError: No interpreter was found.
            UnusableInterpreterError: The interpreter has no torch that can check models.
        """
        if self.unusable is not None:
            # An environment may have been created or repaired since.
            self._choose()
        key = HostKey(self.require_interpreter().path, self.settings.standby)
        check = in_environment(check, os.environ)
        began = False
        for last_try in (False, True):
            host = self._pool.host(key)
            outcome = await host.ready()
            if isinstance(outcome, Ready):
                self.ready, self.unusable = outcome, None
                self._learn(key.interpreter, outcome)
            stale = asyncio.ensure_future(asyncio.to_thread(_is_stale, outcome))
            settings = self.settings
            running = check_events(
                host, check, timeout=settings.timeout, script_timeout=settings.script_timeout
            )
            try:
                async with aclosing(running) as events:
                    async for event in events:
                        if not began and not last_try and await stale:
                            self._pool.retire(key, host)
                            break
                        if not began and not host.alive and not last_try:
                            break  # the host was dead before the check began
                        if isinstance(outcome, Ready) and not began:
                            yield Loaded(check.run, {}, outcome.observed)
                        began = True
                        yield event
            finally:
                stale.cancel()  # nobody may have waited for it
                await asyncio.gather(stale, return_exceptions=True)
            if began:
                return

    def note_unusable(self, error: UnusableInterpreterError | InterpreterError) -> str | None:
        """Record why nothing can be checked, as `carry_out` has raised it.

        Returns:
            The sentence for the user, None if it was recorded before.
        """
        message = str(error)
        if self.interpreter is not None:
            message = f"{message} (The interpreter is {self.interpreter.reason}.)"
        if isinstance(error, UnusableInterpreterError):
            self.unusable_reason = error.unusable.reason
        else:
            self.unusable_reason = "no-interpreter"
        news = message if message != self.unusable else None
        self.unusable = message
        return news

    def _choose(self) -> None:
        try:
            self._chosen = choose_interpreter(self._folder, self.resolved, self._selected)
        except InterpreterError as error:
            self._chosen = error
