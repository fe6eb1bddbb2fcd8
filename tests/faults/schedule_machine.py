"""An editor's and a machine's whims, and what must be shown after them."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from lsprotocol import types

from tests.faults import reference
from tests.faults.reference import Text
from tests.faults.stage import Stage

MODELS = ("one.py", "two.py")
NAMES = (*MODELS, "shared.py")

FAULT = re.compile("^The check (crashed|was killed)")

# Most files are what most findings come from: targets that import something and are checked to the
# end.
models = st.builds(
    Text,
    target=st.sampled_from([True] * 7 + [False]),
    imports=st.sampled_from([True] * 3 + [False]),
    reads=st.booleans(),
    crashes=st.sampled_from([False] * 7 + [True]),
    problem=st.integers(0, 3),
    comment=st.integers(0, 2),
)
modules = st.builds(
    Text, target=st.just(False), problem=st.integers(0, 3), comment=st.integers(0, 2)
)


def effort(sequences: int, steps: int, **others: Any) -> settings:
    """So many sequences of so many steps, each of which may take as long as it does."""
    return settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **others,
    )


class ScheduleMachine(RuleBasedStateMachine):
    """`on_disk` and `opened` are the texts that the editor knows."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name).resolve()
        self.root = root / "workspace"
        self.root.mkdir()
        self.on_disk: dict[str, str] = {}
        self.opened: dict[str, str] = {}
        self.version = self.written = 0
        self.stage = Stage(self.root, root / "home")
        self.session = self.stage.session
        for name in NAMES:
            self._write(name, str(Text(target=name in MODELS, imports=name in MODELS)))

    def teardown(self) -> None:
        try:
            self.stage.quiet()
            self._compare()
        finally:
            self.stage.close()
            self._folder.cleanup()

    # --- what the editor does ----------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES))
    def open(self, name: str) -> None:
        if name in self.opened or name not in self.on_disk:
            return
        self._count("open")
        self.version += 1
        text = self.opened[name] = self.on_disk[name]
        item = types.TextDocumentItem(self._uri(name), types.LanguageKind.Python, 1, text)
        self.stage.call(self.session.opened, item)

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules), tell=st.booleans())
    def save(self, name: str, text: Text, tell: bool) -> None:
        """Change a file, opened for it, and save it; some editors tell of the write as well."""
        self.open(name)
        if name not in self.opened:
            return
        self._count("save")
        self._type(name, str(text))
        self._write(name, self.opened[name])
        self.stage.call(self.session.saved, self._uri(name))
        if tell:
            self._watched(name, types.FileChangeType.Changed)

    @rule(name=st.sampled_from(MODELS), text=models)
    def save_model(self, name: str, text: Text) -> None:
        self.save(name=name, text=text, tell=False)

    @rule(name=st.sampled_from(NAMES))
    def save_again(self, name: str) -> None:
        if name in self.opened:
            self._count("save again")
            self._write(name, self.opened[name])
            self.stage.call(self.session.saved, self._uri(name))

    @rule(name=st.sampled_from(NAMES))
    def close(self, name: str) -> None:
        if name in self.opened:
            self._count("close")
            del self.opened[name]
            identifier = types.TextDocumentIdentifier(self._uri(name))
            self.stage.call(self.session.closed, identifier.uri)

    @rule(name=st.sampled_from(MODELS))
    def check(self, name: str) -> None:
        """The command of that name, of an open file."""
        if name in self.opened:
            self._count("command")
            self.stage.call(self.session.check, [self._uri(name)])

    @rule(kind=st.sampled_from(["configure", "restart", "host dies"]), off=st.booleans())
    def upheaval(self, kind: str, off: bool) -> None:
        """What touches all files at once."""
        if kind == "configure":
            self._configure(off)
        elif kind == "restart":
            self._count("restart")
            self.stage.run(self.session.restart())
        elif self.stage.hosts:
            self._count("host dies")
            self.stage.call(self.stage.hosts[-1].die)

    def _configure(self, off: bool) -> None:
        """Another setting that checks depend on."""
        self._count("configure")
        self.stage.client.options = {
            **self.stage.client.options,
            "stages": ["load", "build", "capture"] if off else None,
        }
        self.stage.run(self.session.configure())

    # --- what others do to the files -----------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules))
    def write_outside(self, name: str, text: Text) -> None:
        """Make or change a file that is not open."""
        if name in self.opened:
            return
        self._count("write outside")
        made = name not in self.on_disk
        self._write(name, str(text))
        kind = types.FileChangeType.Created if made else types.FileChangeType.Changed
        self._watched(name, kind)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if name in self.opened or name not in self.on_disk:
            return
        self._count("delete")
        del self.on_disk[name]
        (self.root / name).unlink()
        self.stage.done.pop(name, None)
        self._watched(name, types.FileChangeType.Deleted)

    # --- what happens to the runs --------------------------------------------------------------

    @rule(which=st.integers(0, 2), steps=st.integers(1, 9))
    def step(self, which: int, steps: int) -> None:
        if not self.stage.runs:
            return
        self._count("step")
        host, run = self.stage.runs[which % len(self.stage.runs)]
        for _ in range(steps):
            self.stage.call(host.step, run)

    @rule(seconds=st.sampled_from([0.01, 0.15, 0.5, 5.0]))
    def wait(self, seconds: float) -> None:
        self._count("wait")
        self.stage.wait(seconds)

    @rule()
    def rest(self) -> None:
        """What is shown then is what fresh checks find."""
        self._count("rest")
        self.stage.quiet()
        self._compare()

    # --- parts ---------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Faults are left out: they say how a run ended, which a fresh one may not.

        A file whose run went down with its host is checked again when somebody asks.
        """
        for name in sorted(self.stage.hurt & self.on_disk.keys()):
            self.open(name)
            self.stage.call(self.session.check, [self._uri(name)])
            self.stage.quiet()
        opened = set(self.opened)
        must = reference.shown(self.on_disk, opened | self._followed(), opened)
        may = reference.shown(self.on_disk, set(self.on_disk), opened)
        got = {
            name: {said for said in found if not FAULT.search(said.words)}
            for name, found in self.stage.shown().items()
        }
        for name in NAMES:
            shown, missed = got.get(name, set()), must.get(name, set()) - got.get(name, set())
            assert not missed, f"{missed} is not shown in {name}, only {shown}"
            ghosts = shown - may.get(name, set())
            assert not ghosts, f"{ghosts} is shown in {name}, {may.get(name)} is so"
        assert not self.stage.client.state.get("busy")

    def _followed(self) -> set[str]:
        """The closed files that have been checked as they are: of one that was written while
        nobody saw what it finds, nothing is known."""
        done = self.stage.done
        return {name for name, text in self.on_disk.items() if done.get(name) == text}

    def _uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def _write(self, name: str, text: str) -> None:
        if self.on_disk.get(name) != text:
            self.stage.done.pop(name, None)
        self.on_disk[name] = text
        (self.root / name).write_text(text)
        # Two writes of one size in a moment have one time, and are one to whoever asks for that.
        self.written += 1
        os.utime(self.root / name, ns=(self.written, self.written))

    def _type(self, name: str, text: str) -> None:
        self.version += 1
        self.opened[name] = text
        identifier = types.VersionedTextDocumentIdentifier(self.version, self._uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        params = types.DidChangeTextDocumentParams(identifier, [whole])
        self.stage.call(self.session.changed, params)

    def _watched(self, name: str, kind: types.FileChangeType) -> None:
        self.stage.call(self.session.watched, [types.FileEvent(self._uri(name), kind)])

    def _count(self, what: str) -> None:
        self.counts[what] += 1
