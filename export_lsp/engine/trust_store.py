"""The remembered answers to the question whether a folder is trusted."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from export_lsp.engine.files.private_files import read_private, write_private
from export_lsp.ownership import owner
from export_lsp.wire import from_json

# The name of the file in the user's state directory.
ANSWERS = "trusted-folders.json"
# The longest file of remembered answers, in bytes.
SIZE_LIMIT = 4 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Answer:
    """An answer for a folder, and who owned the folder then."""

    trusted: bool
    owner: int | None


class TrustStore:
    """The remembered answers, in a file that only the user can read.

    Its content is ``{"folders": {"/path": {"trusted": true, "owner": 1000}}}``; links in the paths
    are resolved.  If it cannot be read or written, that is logged, and the question is asked again
    next time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def answer(self, folder: Path) -> bool | None:
        """Return the answer for a folder, None if it is not known.

        Trust in a folder above it counts as well, a refusal does not.  No answer counts for a
        folder that belongs to another user than at the time of the answer, as it was replaced.
        """
        answers, real = self._read(), Path(os.path.realpath(folder))
        around = [real, *real.parents]
        for index, directory in enumerate(around):
            answer = answers.get(str(directory))
            if answer is None or holds_everything(directory):
                continue
            if not answer.trusted:
                return False if directory == real else None
            owners = {owner(each) for each in around[: index + 1]}
            return True if owners == {answer.owner} else None
        return None

    def remember(self, folder: Path, answer: bool) -> None:
        """Remember an answer, unless the folder holds all projects of the user.

        The file is replaced as a whole, never half written.
        """
        real = Path(os.path.realpath(folder))
        if holds_everything(real):
            _log.info("the answer for %s is not remembered: it holds too much", folder)
            return
        answers = {**self._read(), str(real): _Answer(answer, owner(real))}
        data = {"folders": {path: asdict(each) for path, each in answers.items()}}
        try:
            write_private(self._file, json.dumps(data, indent=1).encode())
        except OSError as error:
            _log.warning("the answer for %s cannot be remembered: %s", folder, error)

    def _read(self) -> dict[str, _Answer]:
        try:
            content: Any = json.loads(read_private(self._file, SIZE_LIMIT))
            return {path: from_json(_Answer, each) for path, each in content["folders"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _log.warning("%s cannot be read: %r", self._file, error)
            return {}


def holds_everything(folder: Path) -> bool:
    """Return whether a folder is, or is above, the home directory or that of temporary files."""
    return any(Path(place).is_relative_to(folder) for place in _common_places())


def _common_places() -> Iterator[str]:
    """Yield directories below which anything may lie, links resolved."""
    yield os.path.realpath(os.path.expanduser("~"))
    yield from (os.path.realpath(path) for path in ("/tmp", "/var/tmp") if os.name == "posix")
    try:
        yield os.path.realpath(tempfile.gettempdir())
    except OSError:
        return  # there is none that can be written to
