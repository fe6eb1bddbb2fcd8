"""Finds the result of an earlier check that had the same question and the same files."""

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
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from export_lsp import version
from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall.disk_cache import DiskCache
from export_lsp.engine.recall.past_result import PastResult, decoded, encoded
from export_lsp.engine.recall.surroundings import surroundings
from export_lsp.engine.recall.token_remapping import token_digest
from export_lsp.engine.results.anchored import Kind
from export_lsp.engine.results.kinds import REPORTED_KINDS
from export_lsp.protocol import Check, Ready
from export_lsp.source import encoded as encoded_text
from export_lsp.wire import from_json

# Results kept for one question: each belongs to an earlier version of the files.
VARIANTS = 8
# Questions kept in memory; beyond it the least recently used are evicted.
QUESTIONS = 64
# How long a check in an editor waits to learn whether its result is known, and how long `close`
# waits, in seconds: more than a busy disk takes, and nothing beside a disk that does not answer.
PATIENCE = 2.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """The inputs of a check besides what it reads: settings, budget for fixes, interpreter."""

    check: Check
    budget: Budget
    interpreter: Path


@dataclass(frozen=True)
class _KnownHost:
    """The folders that a host imports packages from, and its observations (`Ready.observed`)."""

    packages: tuple[str, ...]
    observed: dict[str, str]


class Recall:
    """Keeps the results of checks, in memory and below `directory`.

    A result answers a question again if every file it depends on is the same, or has the same
    tokens, if all that it has observed is still so, and if the interpreter, its packages and the
    surroundings of the process are unchanged.  `kinds` are the kinds of values that results may
    hold.  One thread does all the work, in the order of the calls.  While it waits for a disk that
    does not answer, no result is known; that is seen after `patience`, in seconds.
    """

    def __init__(
        self,
        directory: Path,
        kinds: Iterable[Kind[Any]] = REPORTED_KINDS,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._kinds = tuple(kinds)
        self._disk = DiskCache(directory)
        self._memory: OrderedDict[str, list[PastResult]] = OrderedDict()
        self._hosts: dict[Path, _KnownHost] = {}
        self._latest: Future[Any] | None = None  # the work that was begun last
        self._overdue: Future[Any] | None = None  # the work that was waited for in vain

    def note_host(self, interpreter: Path, ready: Ready) -> None:
        """Note what the newest host of an interpreter has observed: its results depend on that."""
        self._do(self._note_host, interpreter, _KnownHost(ready.packages, ready.observed))

    def keep(self, question: Question, result: PastResult, begun: float) -> None:
        """Keep the result of a check that began at this time (`time.time`).

        Its observations include those of its host, as `find` returns them.
        """
        if not self._is_stuck:
            self._do(self._keep, question, result, begun)

    async def find(self, question: Question) -> PastResult | None:
        """Return the result of a question for the files as they are on disk, None if unknown."""
        return None if self._is_stuck else await self._result(self._do(self._find, question))

    async def newest(self, question: Question) -> PastResult | None:
        """Return the newest result of a question, for whatever files; None if there is none."""
        return None if self._is_stuck else await self._result(self._do(self._newest_of, question))

    async def close(self) -> None:
        """Finish the work that was begun; one that takes too long is left to the thread."""
        if self._latest is not None:
            await self._result(self._latest)
        self._thread.shutdown(wait=False)

    @property
    def _is_stuck(self) -> bool:
        """True while the thread does not come back from the disk."""
        return self._overdue is not None and not self._overdue.done()

    def _do(self, work: Callable[..., T | None], *args: Any) -> Future[T | None]:
        future: Future[T | None] = self._thread.submit(_logging_errors, work, *args)
        self._latest = future
        return future

    async def _result(self, work: Future[T | None]) -> T | None:
        """Wait for the result of some work, but not for long; None if that takes longer."""
        done, _ = await asyncio.wait({asyncio.wrap_future(work)}, timeout=self._patience)
        if done:
            return work.result()
        self._overdue = work
        _log.warning("the disk of remembered results does not answer")
        return None

    # --- in the thread -----------------------------------------------------------------------

    def _note_host(self, interpreter: Path, host: _KnownHost) -> None:
        if self._hosts.get(interpreter) != host:
            self._hosts[interpreter] = host
            self._disk.set(f"host:{interpreter}", json.dumps(dataclasses.asdict(host)))

    def _keep(self, question: Question, result: PastResult, begun: float) -> None:
        host = self._host_of(question.interpreter)
        if host is None or not host.observed.items() <= result.observed.items():
            return  # the check was carried out by an earlier host
        if not disk.is_unchanged(host.observed):
            return
        times = _times(question, host)
        if any((time or 0) / 1e9 > begun for time in times):
            return  # a package has changed since: it is unknown which version the check has used
        # Not what a look would find now: that may have changed since the check used it.
        key = _key(question, times, host.observed)
        texts = result.texts()
        if not all(
            _has_digest(texts[file], digest)
            for file, digest in result.digests.items()
            if file in texts
        ):
            return  # a file was written during the run: the places are those of another text
        observed = {k: text for k, text in result.observed.items() if k not in host.observed}
        result = replace(result, observed=observed, tokens=_token_digests(result, texts))
        rests_on = result.digests, result.observed
        others = [each for each in self._variants(key) if (each.digests, each.observed) != rests_on]
        self._remember(key, [result, *others][:VARIANTS])
        data = [encoded(each) for each in self._memory[key]]
        self._disk.set(key, json.dumps(data, separators=(",", ":")))

    def _find(self, question: Question) -> PastResult | None:
        host = self._host_of(question.interpreter)
        if host is None:
            return None
        now = disk.look_again(host.observed)
        found = self._find_variant(self._variants(_key(question, _times(question, host), now)))
        return found and replace(found, observed={**now, **found.observed})

    def _newest_of(self, question: Question) -> PastResult | None:
        host = self._host_of(question.interpreter)
        if host is None:
            return None
        now = disk.look_again(host.observed)
        return next(iter(self._variants(_key(question, _times(question, host), now))), None)

    def _find_variant(self, variants: list[PastResult]) -> PastResult | None:
        now = disk.digests({file for each in variants for file in each.digests})
        variants = [each for each in variants if disk.is_unchanged(each.observed)]
        for result in variants:
            if all(now[file] == digest for file, digest in result.digests.items()):
                return result
        files = _CurrentFiles(now)
        found = (_with_the_same_tokens(result, files) for result in variants)
        return next((each for each in found if each is not None), None)

    # --- dependencies other than the user's files --------------------------------------------

    def _host_of(self, interpreter: Path) -> _KnownHost | None:
        """Return the last host of an interpreter, of this or an earlier session, if any."""
        if interpreter not in self._hosts:
            stored = _parsed(self._disk.get(f"host:{interpreter}"))
            try:
                self._hosts[interpreter] = from_json(_KnownHost, stored)
            except (TypeError, ValueError, AttributeError):
                return None
        return self._hosts[interpreter]

    # --- memory ------------------------------------------------------------------------------

    def _variants(self, key: str) -> list[PastResult]:
        if key not in self._memory:
            self._remember(key, self._results(_parsed(self._disk.get(key))))
        self._memory.move_to_end(key)
        return self._memory[key]

    def _remember(self, key: str, variants: list[PastResult]) -> None:
        self._memory[key] = variants
        self._memory.move_to_end(key)
        while len(self._memory) > QUESTIONS:
            self._memory.popitem(last=False)

    def _results(self, data: Any) -> list[PastResult]:
        """The results of some JSON data; none if this version cannot read it."""
        try:
            return [decoded(each, self._kinds) for each in data or ()]
        except (TypeError, KeyError, ValueError, AttributeError):
            return []


@dataclass
class _CurrentFiles:
    """Files as they are now: their digests, and on demand their texts and token digests."""

    digests: Mapping[str, str | None]
    _texts: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, str | None] = field(default_factory=dict)

    def text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = "".join(disk.lines(file) or [])
        return self._texts[file]

    def tokens(self, file: str) -> str | None:
        if file not in self._tokens:
            self._tokens[file] = token_digest(self.text(file))
        return self._tokens[file]


def _with_the_same_tokens(result: PastResult, now: _CurrentFiles) -> PastResult | None:
    """The result for the current files; None if one of them has other tokens."""
    digests = {file: now.digests[file] for file in result.digests}
    changed = [file for file, digest in result.digests.items() if digests[file] != digest]
    # A missing file has no tokens, not even those of an empty one.
    if any(file not in result.tokens or digests[file] is None for file in changed):
        return None
    if any(now.tokens(file) != result.tokens[file] for file in changed):
        return None
    if disk.digests(changed) != {file: digests[file] for file in changed}:
        return None  # a file was written in between
    moved = result.moved({file: now.text(file) for file in changed})
    read = {file: digest for file, digest in digests.items() if digest is not None}
    return replace(moved, digests=read) if moved is not None else None


def _token_digests(result: PastResult, known: Mapping[str, str]) -> dict[str, str]:
    """The token digest of each Python file that the run has read, as far as its text is known.

    `known` has the texts that places refer to; others are read if they are unchanged since.
    """
    files = [file for file in result.digests if file.endswith(".py")]
    texts = {file: "".join(disk.lines(file) or ()) for file in files}
    now = disk.digests(files)  # afterwards, as a file may be written at any time
    texts = {file: text for file, text in texts.items() if now[file] == result.digests[file]}
    texts.update({file: known[file] for file in files if file in known})
    tokens = {file: token_digest(text) for file, text in texts.items()}
    return {file: digest for file, digest in tokens.items() if digest is not None}


def _has_digest(text: str, digest: str) -> bool:
    """Return whether a file with this text has the digest, with or without a byte order mark."""
    try:
        data = encoded_text(text)
    except (SyntaxError, UnicodeError):
        return False
    return digest in [hashlib.sha256(mark + data).hexdigest() for mark in (b"", codecs.BOM_UTF8)]


def _key(question: Question, times: list[int | None], observed: Mapping[str, str]) -> str:
    """Return the key of a question's results.

    Args:
        question: The question.
        times: The `_times` of its interpreter and packages.
        observed: The observations of the interpreter's host.
    """
    parts = {
        "check": dataclasses.asdict(replace(question.check, run=0)),
        "budget": dataclasses.asdict(question.budget),
        "interpreter": str(question.interpreter),
        "surroundings": surroundings(),
        "host": [times, observed],
        "ours": [version.VERSION, _our_time()],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _times(question: Question, host: _KnownHost) -> list[int | None]:
    return [_time(path) for path in (str(question.interpreter), *host.packages)]


def _logging_errors(work: Callable[..., T | None], *args: Any) -> T | None:
    """Call a function; log an exception that it raises, and return None then."""
    try:
        return work(*args)
    except Exception as error:
        _log.error("results are neither kept nor found", exc_info=error)
        return None


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None


def _time(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


@functools.cache
def _our_time() -> int | None:
    """When this package was last changed: in a checkout it stands for a version."""
    files: Iterable[Path] = Path(version.__file__).parent.rglob("*.py")
    return max((_time(str(file)) or 0 for file in files), default=None)
