"""What to check in a folder, with which settings, and by which interpreter."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from export_lsp.engine import runs
from export_lsp.engine.candidates import is_candidate
from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Key, Pool
from export_lsp.engine.interpreters import Interpreter, InterpreterError, choose, own_interpreter
from export_lsp.engine.recall import Recall
from export_lsp.protocol import Check, Ready, RunEvent
from export_lsp.settings import Resolved, Settings, excluded, resolve


class Checker:
    """Turns files into checks and checks into events.

    `owns` tells whether a file is the folder's, and not that of another folder within it.
    `unusable` is the sentence that says why nothing can be checked, None as long as it can;
    `ready` is what the host said of itself.
    """

    def __init__(
        self, folder: Path, owns: Callable[[Path], bool], pool: Pool, recall: Recall
    ) -> None:
        self._folder = folder
        self._owns = owns
        self._pool = pool
        self._recall = recall
        # Files that are run up to an export of this name, whatever the settings say.
        self.exports: dict[Path, str] = {}
        self._selected: str | None = None
        self._chosen: Interpreter | InterpreterError | None = None
        self.resolved = Resolved(Settings(), {}, {}, (), None)
        self.unusable: str | None = None
        self.ready: Ready | None = None

    @property
    def settings(self) -> Settings:
        return self.resolved.settings

    @property
    def interpreter(self) -> Interpreter | None:
        """The interpreter chosen last, None if there is none."""
        return self._chosen if isinstance(self._chosen, Interpreter) else None

    @property
    def python(self) -> Path | None:
        """The path of that interpreter."""
        return self.interpreter.path if self.interpreter is not None else None

    @property
    def host_key(self) -> Key | None:
        """The host it uses, None while it has no interpreter."""
        chosen = self.interpreter
        return (chosen.path, self.settings.standby) if chosen is not None else None

    def read(self, options: Mapping[str, Any], selected: str | None) -> bool:
        """Read the settings anew; whether another host is to be used from now on."""
        before = self.host_key
        self.resolved = resolve(self._folder, options=options)
        self._selected = selected
        self._choose()
        if self.host_key == before:
            return False
        self.ready = self.unusable = None
        return True

    def check_for(self, file: Path) -> Check | None:
        """The check of a file under the settings as they are; None if it is not to be checked."""
        if not self.is_candidate(file):
            return None
        check = self.resolved.check(self._folder, file)
        return replace(check, export=self.exports.get(file, check.export))

    def budget(self) -> Budget:
        """What looking for fixes may cost."""
        return Budget(self.settings.fix_candidates, self.settings.fix_seconds)

    def is_candidate(self, file: Path) -> bool:
        """Whether there is something to check in a file, as far as its text and name tell."""
        if not self._owns(file) or file.suffix != ".py":
            return False
        if excluded(file, self._folder, self.settings.exclude):
            return False
        lines = disk.lines(str(file))
        if lines is None:
            return False
        return file in self.resolved.targets or is_candidate("".join(lines))

    def warm_up(self) -> None:
        """Let torch be imported now, so that the first check need not wait for it."""
        if isinstance(self._chosen, Interpreter):
            self._pool.host(self._chosen.path, standby=self.settings.standby)

    async def carry_out(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        """The events of a check.

        Raises:
            InterpreterError, UnusableInterpreterError: there is nothing to carry it out with.
        """
        if self.unusable is not None:
            # An environment may have been made or repaired since.
            self._choose()
        if not isinstance(self._chosen, Interpreter):
            raise self._chosen or InterpreterError("The settings have not been read.")
        began = False
        for last_try in (False, True):
            host = self._pool.host(self._chosen.path, standby=self.settings.standby)
            outcome = await host.ready()
            if isinstance(outcome, Ready):
                self.ready, self.unusable = outcome, None
                self._recall.learn(self._chosen.path, outcome.packages)
            async with aclosing(runs.events(host, check, timeout=self.settings.timeout)) as events:
                async for event in events:
                    if not began and not host.alive and not last_try:
                        break  # The host was dead already, only nobody knew.
                    began = True
                    yield event
            if began:
                return

    def note_unusable(self, error: UnusableInterpreterError | InterpreterError) -> str | None:
        """Remember that nothing can be checked; the sentence for the user if it is news."""
        message = str(error)
        if self.interpreter is not None:
            message = f"{message} (The interpreter is {self.interpreter.reason}.)"
        news = message if message != self.unusable else None
        self.unusable = message
        return news

    def _choose(self) -> None:
        try:
            self._chosen = choose(
                self._folder,
                setting=self.settings.interpreter,
                origin=self.resolved.origins["interpreter"],
                selected=self._selected,
                environment=os.environ,
                own=own_interpreter(),
            )
        except InterpreterError as error:
            self._chosen = error
