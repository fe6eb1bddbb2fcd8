"""Decides whether a workspace folder's code may be run, which checking a model requires.

The initialization option `trusted` is true, false or "ask" (the default).  With "ask" the user is
asked once for each folder, when there is something to check.  The answer is remembered in the
user's state directory.
"""

from __future__ import annotations

import enum
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from export_lsp.engine.files.private_files import read_private, write_private

TRUST = "Trust this folder"
REFUSE = "Don't check here"

# The longest file of remembered answers, in bytes.
SIZE_LIMIT = 4 << 20

Asking = Literal["ask"]
Ask = Callable[[str, Sequence[str]], Awaitable["str | None"]]

_log = logging.getLogger(__name__)


class TrustState(enum.Enum):
    """The state of the trust in a folder.  ASKED means that the question is still open."""

    UNKNOWN = enum.auto()
    ASKED = enum.auto()
    GRANTED = enum.auto()
    REFUSED = enum.auto()


class TrustStore:
    """The remembered answers, in a file that only the user can read.

    Its content is ``{"folders": {"/path": true}}``.  If it cannot be read or written, that is
    logged, and the question is asked again next time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def answer(self, folder: Path) -> bool | None:
        """Return the answer for a folder, None if it is not known.

        Trust in a folder above it counts as well, a refusal does not.
        """
        answers = self._read()
        if str(folder) in answers:
            return answers[str(folder)]
        return True if any(answers.get(str(parent)) for parent in folder.parents) else None

    def remember(self, folder: Path, answer: bool) -> None:
        """Remember an answer.  The file is replaced as a whole, never half written."""
        answers = {**self._read(), str(folder): answer}
        try:
            write_private(self._file, json.dumps({"folders": answers}, indent=1).encode())
        except OSError as error:
            _log.warning("the answer for %s cannot be remembered: %s", folder, error)

    def _read(self) -> dict[str, bool]:
        try:
            content: Any = json.loads(read_private(self._file, SIZE_LIMIT))
            folders = content["folders"]
            return {str(folder): answer is True for folder, answer in folders.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _log.warning("%s cannot be read: %r", self._file, error)
            return {}


class Trust:
    """The trust in one workspace folder.

    Args:
        folder: The workspace folder.
        option: The initialization option `trusted`.
        store: The remembered answers.
        ask: Asks the user a question; returns one of the given answers, None if it was dismissed.
    """

    def __init__(self, folder: Path, option: bool | Asking, store: TrustStore, ask: Ask) -> None:
        self._folder = folder
        self._option = option
        self._store = store
        self._ask = ask
        known = option if isinstance(option, bool) else store.answer(folder)
        self.state = {
            True: TrustState.GRANTED,
            False: TrustState.REFUSED,
            None: TrustState.UNKNOWN,
        }[known]

    @property
    def granted(self) -> bool:
        """True if the folder's code may be run."""
        return self.state is TrustState.GRANTED

    @property
    def can_be_asked(self) -> bool:
        """True if the option leaves the decision to the user."""
        return self._option == "ask"

    @property
    def hint(self) -> str:
        """Why nothing is checked, and how to change that."""
        if self._option is False:
            return "Checking is off here: the option `trusted` of export-lsp is false."
        return (
            "Checking is off here: it runs the models' code, and this folder is not trusted. To "
            "trust it, run the command exportLsp.check, or set the initialization option `trusted`."
        )

    async def request(self, *, again: bool = False) -> bool:
        """Ask the user, if they have not been asked yet; with `again` also if they have refused.

        Returns:
            True if the folder has become trusted by the answer.
        """
        askable = (TrustState.UNKNOWN, TrustState.REFUSED) if again else (TrustState.UNKNOWN,)
        if not self.can_be_asked or self.state not in askable:
            return False
        self.state = TrustState.ASKED
        chosen = await self._ask(
            f"Checking the models in {self._folder} runs their code. Do you trust its authors?",
            (TRUST, REFUSE),
        )
        # A dismissed question is no answer to remember, but no reason to ask again either.
        self.state = TrustState.GRANTED if chosen == TRUST else TrustState.REFUSED
        if chosen in (TRUST, REFUSE):
            self._store.remember(self._folder, self.granted)
        return self.granted
