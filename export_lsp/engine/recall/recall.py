"""Keeps results, and finds the one that a question's answer is."""

from __future__ import annotations

import asyncio
import codecs
import dataclasses
import functools
import hashlib
import json
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import export_lsp
from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall.code import code_of
from export_lsp.engine.recall.moving import moved
from export_lsp.engine.recall.remembered import Remembered
from export_lsp.protocol import Check
from export_lsp.source import encoded
from export_lsp.wire import structure

# Results kept for a question: what a file was on the way to what it is.
VARIANTS = 8
# Questions in memory, and bytes on disk, from where on the least recently used go.
QUESTIONS = 64
ON_DISK = 64 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """A question: what is checked, with which settings, by which interpreter."""

    check: Check
    budget: Budget
    interpreter: Path


class Recall:
    """All that is remembered.  One thread reads and writes files for it, in the order of the calls.

    `directory` is made when it is first needed; one that cannot be used costs the next session its
    memory, and is a line in the log.
    """

    def __init__(self, directory: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._directory = directory
        self._memory: OrderedDict[str, list[Remembered]] = OrderedDict()
        self._packages: dict[Path, tuple[str, ...]] = {}

    def learn(self, interpreter: Path, packages: tuple[str, ...]) -> None:
        """An interpreter imports from these folders, whose packages answers rest on."""
        self._do(self._learn, interpreter, packages)

    def keep(self, asked: Asked, remembered: Remembered, begun: float) -> None:
        """Remember what a check came to that began at this time (`time.time`)."""
        self._do(self._keep, asked, remembered, begun)

    async def find(self, asked: Asked) -> Remembered | None:
        """What is known of the files as they are now on disk."""
        return await asyncio.wrap_future(self._thread.submit(self._find, asked))

    def close(self) -> None:
        """Finish what has been begun."""
        self._thread.shutdown()

    def _do(self, work: Callable[..., None], *args: Any) -> None:
        self._thread.submit(work, *args).add_done_callback(_log_error)

    # --- in the thread -----------------------------------------------------------------------

    def _learn(self, interpreter: Path, packages: tuple[str, ...]) -> None:
        if self._packages.get(interpreter) != packages:
            self._packages[interpreter] = packages
            self._write(f"packages:{interpreter}", json.dumps(packages))

    def _keep(self, asked: Asked, remembered: Remembered, begun: float) -> None:
        key = self._key(asked)
        if key is None or any((time or 0) / 1e9 > begun for time in self._times(asked)):
            return  # of which packages it is the answer nobody knows
        placed = remembered.texts.keys() & remembered.digests.keys()
        if not all(_has(remembered.texts[file], remembered.digests[file]) for file in placed):
            return  # written while the run went on: its places are those of a text that is gone
        remembered = replace(remembered, codes=_codes(remembered))
        others = [each for each in self._variants(key) if each.digests != remembered.digests]
        self._remember(key, [remembered, *others][:VARIANTS])
        data = [dataclasses.asdict(each) for each in self._memory[key]]
        self._write(key, json.dumps(data, separators=(",", ":")))

    def _find(self, asked: Asked) -> Remembered | None:
        key = self._key(asked)
        variants = self._variants(key) if key is not None else []
        now = disk.digests({file for each in variants for file in each.digests})
        for remembered in variants:
            if all(now[file] == digest for file, digest in remembered.digests.items()):
                return remembered
        files = _Now(now)
        found = (_with_the_same_code(remembered, files) for remembered in variants)
        return next((each for each in found if each is not None), None)

    # --- what a question rests on besides the user's files -----------------------------------

    def _key(self, asked: Asked) -> str | None:
        """The question's name; None where too little is known of the interpreter."""
        if self._packages_of(asked.interpreter) is None:
            return None
        question = {
            "check": dataclasses.asdict(replace(asked.check, run=0)),
            "budget": dataclasses.asdict(asked.budget),
            "interpreter": str(asked.interpreter),
            "changed": self._times(asked),
            "ours": [export_lsp.__version__, _our_time()],
        }
        return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()

    def _times(self, asked: Asked) -> list[int | None]:
        packages = self._packages_of(asked.interpreter) or ()
        return [_time(path) for path in (str(asked.interpreter), *packages)]

    def _packages_of(self, interpreter: Path) -> tuple[str, ...] | None:
        if interpreter not in self._packages:
            packages = _parsed(self._read(f"packages:{interpreter}"))
            if packages is None:
                return None
            self._packages[interpreter] = tuple(str(each) for each in packages)
        return self._packages[interpreter]

    # --- memory and disk ---------------------------------------------------------------------

    def _variants(self, key: str) -> list[Remembered]:
        if key not in self._memory:
            self._remember(key, list(_results(_parsed(self._read(key)))))
        self._memory.move_to_end(key)
        return self._memory[key]

    def _remember(self, key: str, variants: list[Remembered]) -> None:
        self._memory[key] = variants
        self._memory.move_to_end(key)
        while len(self._memory) > QUESTIONS:
            self._memory.popitem(last=False)

    @functools.cached_property
    def _cache(self) -> Any:
        """The cache on disk, which two editors may use at the same time; None if there is none."""
        import diskcache  # here: sqlite takes time that starting the server need not

        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(self._directory, 0o700)
            return diskcache.Cache(
                str(self._directory),
                disk=diskcache.JSONDisk,  # the other kind unpickles what it finds
                size_limit=ON_DISK,
                eviction_policy="least-recently-used",
            )
        except Exception as error:
            _log.warning("results are not kept in %s: %s", self._directory, error)
            return None

    def _read(self, key: str) -> object:
        try:
            return self._cache.get(key) if self._cache is not None else None
        except Exception as error:
            _log.warning("what was kept in %s cannot be read: %s", self._directory, error)
            return None

    def _write(self, key: str, value: str) -> None:
        try:
            if self._cache is not None:
                self._cache.set(key, value)
        except Exception as error:
            _log.warning("results are not kept in %s: %s", self._directory, error)


@dataclass
class _Now:
    """Files as they are now: their digests, their texts, and the code of those that are asked for,
    which takes long enough to be worked out once."""

    digests: Mapping[str, str | None]
    _texts: dict[str, str] = field(default_factory=dict)
    _codes: dict[str, str | None] = field(default_factory=dict)

    def text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = "".join(disk.lines(file) or [])
        return self._texts[file]

    def code(self, file: str) -> str | None:
        if file not in self._codes:
            self._codes[file] = code_of(self.text(file))
        return self._codes[file]


def _with_the_same_code(remembered: Remembered, now: _Now) -> Remembered | None:
    digests = {file: now.digests[file] for file in remembered.digests}
    changed = [file for file, digest in remembered.digests.items() if digests[file] != digest]
    # One that is gone has no code, not even that of an empty file.
    if any(file not in remembered.codes or digests[file] is None for file in changed):
        return None
    if any(now.code(file) != remembered.codes[file] for file in changed):
        return None
    if disk.digests(changed) != {file: digests[file] for file in changed}:
        return None  # written meanwhile
    found = moved(remembered, {file: now.text(file) for file in changed})
    read = {file: digest for file, digest in digests.items() if digest is not None}
    return replace(found, digests=read) if found is not None else None


def _codes(remembered: Remembered) -> dict[str, str]:
    """The code of each file; of one that has changed since only if its text is known."""
    files = [file for file in remembered.digests if file.endswith(".py")]
    texts = {file: "".join(disk.lines(file) or ()) for file in files}
    now = disk.digests(files)  # afterwards: a file may be written at any time
    texts = {file: text for file, text in texts.items() if now[file] == remembered.digests[file]}
    texts.update({file: remembered.texts[file] for file in files if file in remembered.texts})
    codes = {file: code_of(text) for file, text in texts.items()}
    return {file: code for file, code in codes.items() if code is not None}


def _has(text: str, digest: str) -> bool:
    """Whether a file with this text has the digest."""
    try:
        data = encoded(text)
    except (SyntaxError, UnicodeError):
        return False
    return digest in [hashlib.sha256(mark + data).hexdigest() for mark in (b"", codecs.BOM_UTF8)]


def _log_error(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        _log.error("results are not remembered", exc_info=error)


def _results(data: Any) -> Iterator[Remembered]:
    """What was kept, if this version can still read it."""
    try:
        yield from [structure(Remembered, each) for each in data or ()]
    except (TypeError, KeyError, ValueError, AttributeError):
        return


def _parsed(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _time(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


@functools.cache
def _our_time() -> int | None:
    """When what checks was changed last: a version of its own in a checkout."""
    files: Iterable[Path] = Path(export_lsp.__file__).parent.rglob("*.py")
    return max((_time(str(file)) or 0 for file in files), default=None)
