"""Decides whether a workspace folder's code may be run, which checking a model requires.

The initialization option `trusted` is true, false or "ask" (the default).  With "ask" the user is
asked once for each folder, when there is something to check.  The answer is remembered in the
user's state directory.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from export_lsp.engine.trust_store import TrustStore
from export_lsp.ownership import owner

TRUST = "Trust this folder"
REFUSE = "Don't check here"

Asking = Literal["ask"]
Ask = Callable[[str, Sequence[str]], Awaitable["str | None"]]


class TrustState(enum.Enum):
    """The state of the trust in a folder.  ASKED means that the question is still open."""

    UNKNOWN = enum.auto()
    ASKED = enum.auto()
    GRANTED = enum.auto()
    REFUSED = enum.auto()


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
        self._state = _STATES[known]
        self._identity = _identity(folder)
        self._was_replaced = False

    @property
    def state(self) -> TrustState:
        """The state of the trust; it ends when a folder of another owner takes the folder's place.

        So it does when the folder is a link that leads elsewhere.
        """
        identity = _identity(self._folder)
        if identity.owner is not None and identity != self._identity:
            if self._identity.owner is not None and self._state is TrustState.GRANTED:
                self._state = TrustState.UNKNOWN if self.can_be_asked else TrustState.REFUSED
                self._was_replaced = True
            self._identity = identity
        return self._state

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
        """The notice that nothing is checked: a title, and on a second line how to change that."""
        if self._option is False:
            return "Checking is off here: the option `trusted` of export-lsp is false."
        if self._was_replaced:
            return (
                "Checking is off here: the trusted folder has been replaced\n"
                "It is one of another user now, or a link to another folder."
            )
        return (
            "Checking is off here: this folder is not trusted\n"
            "A check runs the models' code. To trust the folder, run the command exportLsp.check,"
            " or set the initialization option `trusted`."
        )

    @property
    def notice(self) -> str:
        """The hint on one line, for a notification."""
        return self.hint.replace("\n", ". ")

    async def request(self, *, again: bool = False) -> bool:
        """Ask the user, if they have not been asked yet; with `again` also if they have refused.

        Returns:
            True if the folder has become trusted by the answer.
        """
        askable = (TrustState.UNKNOWN, TrustState.REFUSED) if again else (TrustState.UNKNOWN,)
        if not self.can_be_asked or self.state not in askable:
            return False
        self._state = TrustState.ASKED
        identity = _identity(self._folder)  # the user answers for the folder as it is now
        chosen = await self._ask(
            f"Checking the models in {self._folder} runs their code. Do you trust its authors?",
            (TRUST, REFUSE),
        )
        # A dismissed question is no answer to remember, but no reason to ask again either.
        self._state = TrustState.GRANTED if chosen == TRUST else TrustState.REFUSED
        self._identity, self._was_replaced = identity, False
        if chosen in (TRUST, REFUSE) and _identity(self._folder) == identity:
            self._store.remember(self._folder, self.granted)
        return self.granted


_STATES = {True: TrustState.GRANTED, False: TrustState.REFUSED, None: TrustState.UNKNOWN}


class _Identity(NamedTuple):
    """The folder behind all links, and its owner; None as long as there is no such folder."""

    path: str
    owner: int | None


def _identity(folder: Path) -> _Identity:
    return _Identity(os.path.realpath(folder), owner(folder))
