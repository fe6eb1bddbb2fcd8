"""Whether a workspace folder's code may be run: checking a model means importing it.

The initialization option `trusted` is true, false or "ask" (the default).  "ask" asks once a
folder, when there is something to check, and remembers the answer in the user's state directory.
"""

from __future__ import annotations

import contextlib
import enum
import json
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

TRUST = "Trust this folder"
REFUSE = "Don't check here"

Asking = Literal["ask"]
Ask = Callable[[str, Sequence[str]], Awaitable["str | None"]]

_log = logging.getLogger(__name__)


class Answer(enum.Enum):
    """What is known about a folder."""

    UNKNOWN = enum.auto()
    ASKED = enum.auto()
    GRANTED = enum.auto()
    REFUSED = enum.auto()


class TrustStore:
    """The remembered answers: ``{"folders": {"/path": true}}`` in a file only the user can read.

    A file that cannot be read counts as empty, one that cannot be written is a line in the log:
    the question is then asked again the next time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def answer(self, folder: Path) -> bool | None:
        """The answer for a folder; trust in a folder above it counts, a refusal does not."""
        answers = self._read()
        if str(folder) in answers:
            return answers[str(folder)]
        return True if any(answers.get(str(parent)) for parent in folder.parents) else None

    def remember(self, folder: Path, answer: bool) -> None:
        """Keep an answer; written beside the file and moved over it, so never half of one."""
        answers = {**self._read(), str(folder): answer}
        beside = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"folders": answers}, stream, indent=1)
            os.replace(beside, self._file)
        except OSError as error:
            _log.warning("the answer for %s cannot be remembered: %s", folder, error)
            with contextlib.suppress(OSError):
                beside.unlink()

    def _read(self) -> dict[str, bool]:
        try:
            content: Any = json.loads(self._file.read_text(encoding="utf-8"))
            folders = content["folders"]
            return {str(folder): answer is True for folder, answer in folders.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.warning("%s cannot be read: %r", self._file, error)
            return {}


class Trust:
    """The trust in one workspace folder.

    `wanted` is the option; `ask` puts a question with possible answers to the user.
    """

    def __init__(self, folder: Path, wanted: bool | Asking, store: TrustStore, ask: Ask) -> None:
        self._folder = folder
        self._wanted = wanted
        self._store = store
        self._ask = ask
        known = wanted if isinstance(wanted, bool) else store.answer(folder)
        self.answer = {True: Answer.GRANTED, False: Answer.REFUSED, None: Answer.UNKNOWN}[known]

    @property
    def granted(self) -> bool:
        return self.answer is Answer.GRANTED

    @property
    def can_be_asked(self) -> bool:
        """Whether the option leaves the answer to the user."""
        return self._wanted == "ask"

    @property
    def hint(self) -> str:
        """Why nothing is checked, and what to do about it."""
        if self._wanted is False:
            return "Checking is off here: the option `trusted` of export-lsp is false."
        return (
            "Checking is off here: it runs the models' code, and this folder is not trusted. To "
            "trust it run the command exportLsp.check, or set the "
            "initialization option `trusted`."
        )

    async def request(self, *, again: bool = False) -> bool:
        """Ask if nobody has been asked yet; `again` asks a user who has refused.

        Returns whether the folder has become trusted by this.
        """
        askable = (Answer.UNKNOWN, Answer.REFUSED) if again else (Answer.UNKNOWN,)
        if not self.can_be_asked or self.answer not in askable:
            return False
        self.answer = Answer.ASKED
        chosen = await self._ask(
            f"Checking the models in {self._folder} runs their code. Do you trust its authors?",
            (TRUST, REFUSE),
        )
        # A question that was closed is not an answer to remember, but no reason to ask again.
        self.answer = Answer.GRANTED if chosen == TRUST else Answer.REFUSED
        if chosen in (TRUST, REFUSE):
            self._store.remember(self._folder, self.granted)
        return self.granted
