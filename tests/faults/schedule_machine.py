"""A state machine of random edits, saves, crashes and settings, compared with the oracle."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from lsprotocol import types

from export_lsp.engine.trust import REFUSE, TRUST
from tests.faults.oracle import (
    HINT,
    INNER,
    INNER_MODULE,
    OUTER,
    UNSEEN,
    Configuration,
    SimpleFinding,
    Text,
)
from tests.faults.session_harness import SessionHarness
from tests.faults.simulated_editor import SimulatedEditor

MODELS = ("one.py", "two.py", INNER_MODULE)
NAMES = (*MODELS, "shared.py")

FAULT = re.compile("^The (check|process that runs all checks) (crashed|was killed)", re.M)

# Weighted towards files with many findings: targets that import something and do not crash.
models = st.builds(
    Text,
    target=st.sampled_from([True] * 7 + [False]),
    imports=st.sampled_from([True] * 3 + [False]),
    imports_inner=st.booleans(),
    imports_outside=st.booleans(),
    reads=st.booleans(),
    asks=st.booleans(),
    mode=st.booleans(),
    crashes=st.sampled_from([False] * 7 + [True]),
    problem=st.integers(0, 3),
    late=st.integers(0, 2),
    comment=st.integers(0, 2),
)
modules = st.builds(
    Text, target=st.just(False), problem=st.integers(0, 3), comment=st.integers(0, 2)
)
configurations = st.builds(
    Configuration,
    early_only=st.booleans(),
    silent=st.booleans(),
    excluded=st.sampled_from([None, None, "two.py"]),
)


def effort(sequences: int, steps: int, **others: Any) -> settings:
    """Return settings of Hypothesis: this many sequences of this many steps, without deadlines."""
    return settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **others,
    )


class ScheduleMachine(RuleBasedStateMachine):
    """Each rule checks that an action is possible and has the simulated editor carry it out."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._base = Path(self._folder.name).resolve()
        (self._base / "workspace").mkdir()
        self.harness: SessionHarness
        self.editor: SimulatedEditor

    @initialize(asking=st.sampled_from([False, False, True]))
    def begin(self, asking: bool) -> None:
        """Start a session; if `asking`, it asks whether the folders are trusted."""
        os.environ.pop("SCHEDULE_MODE", None)
        folder, home = self._base / "workspace", self._base / "home"
        self.harness = SessionHarness(folder, home, trusted="ask" if asking else True)
        self.editor = SimulatedEditor(self.harness, asking=asking)
        for name in NAMES:
            self.editor.write(name, str(Text(target=name in MODELS, imports=name in MODELS)))

    def teardown(self) -> None:
        try:
            self.harness.settle()
            self._compare()
        finally:
            self.harness.close()
            self._folder.cleanup()

    # --- the editor ----------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES))
    def open(self, name: str) -> None:
        if name not in self.editor.opened and name in self.editor.on_disk:
            self._count("open")
            self.editor.open(name, self.editor.on_disk[name])

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules), report=st.booleans())
    def save(self, name: str, text: Text, report: bool) -> None:
        """Open, change and save a file; `report` the change on disk too, as some editors do."""
        self.open(name)
        if name not in self.editor.opened:
            return
        self._count("save")
        self.editor.type(name, str(text))
        self.editor.save(name)
        if report:
            self.editor.report(name, types.FileChangeType.Changed)

    @rule(name=st.sampled_from(MODELS), text=models)
    def save_model(self, name: str, text: Text) -> None:
        self.save(name=name, text=text, report=False)

    @rule(name=st.sampled_from(NAMES), comment=st.integers(0, 3))
    def edit(self, name: str, comment: int) -> None:
        """Change the comment lines of an open file, which moves its findings, without saving."""
        if name in self.editor.opened:
            self._count("edit")
            self.editor.type(name, self.editor.commented(name, comment))

    @rule(name=st.sampled_from(NAMES))
    def save_again(self, name: str) -> None:
        if name in self.editor.opened:
            self._count("save again")
            self.editor.save(name)

    @rule(name=st.sampled_from(NAMES))
    def close(self, name: str) -> None:
        if name in self.editor.opened:
            self._count("close")
            self.editor.close(name)

    @rule(name=st.sampled_from(MODELS))
    def check(self, name: str) -> None:
        """Send the command `exportLsp.check`."""
        self._count("command")
        self.editor.check(name)

    @rule(
        kind=st.sampled_from(["configure", "restart", "host dies", "folder", "answer"]),
        configuration=configurations,
        folder=st.sampled_from([INNER, INNER, OUTER]),
        answer=st.sampled_from([TRUST, TRUST, REFUSE, None]),
    )
    def upheaval(
        self, kind: str, configuration: Configuration, folder: str, answer: str | None
    ) -> None:
        """Do something that affects all files."""
        self._count(kind)
        if kind == "configure":
            self.editor.configure(configuration)
        elif kind == "restart":
            self.harness.run(self.harness.session.restart())
        elif kind == "folder":
            self.editor.change_folder(folder)
        elif kind == "answer":
            self.editor.answer(answer)
        elif self.harness.hosts:
            self.harness.call(self.harness.hosts[-1].die)

    # --- other programs --------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules), report_first=st.booleans())
    def write_outside(self, name: str, text: Text, report_first: bool = True) -> None:
        """Write a file that is closed, or open without unsaved changes."""
        if self.editor.opened.get(name) == self.editor.on_disk.get(name):
            self._count("write outside")
            self.editor.write_outside(name, str(text), report_first=report_first)

    @rule(name=st.sampled_from(UNSEEN), text=st.sampled_from([None, "one", "two"]))
    def change_unseen(self, name: str, text: str | None) -> None:
        """Change what checks look at and no editor reports, and save again."""
        self._count("change unseen")
        self.editor.change_unseen(name, text)

    @rule(mode=st.sampled_from(["one", "two"]))
    def start_again(self, mode: str) -> None:
        """Start the editor again, perhaps with another environment."""
        if self.editor.folders:  # without any, files are checked in folders of their own
            self._count("start again")
            self.editor.start_again(mode)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if name in self.editor.on_disk:
            self._count("delete")
            self.editor.delete(name)

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES), report_first=st.booleans())
    def rename(self, old: str, new: str, report_first: bool) -> None:
        editor = self.editor
        if old in editor.on_disk and new not in editor.on_disk and new not in editor.opened:
            self._count("rename")
            editor.rename(old, new, report_first=report_first)

    # --- runs ------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 2), steps=st.integers(1, 9))
    def step(self, which: int, steps: int) -> None:
        if not self.harness.runs:
            return
        self._count("step")
        host, run = self.harness.runs[which % len(self.harness.runs)]
        for _ in range(steps):
            self.harness.call(host.step, run)

    @rule(seconds=st.sampled_from([0.01, 0.15, 0.5, 5.0]))
    def wait(self, seconds: float) -> None:
        self._count("wait")
        self.harness.wait(seconds)

    @rule()
    def rest(self) -> None:
        """Let all runs end, and compare the shown findings with those of fresh checks."""
        self._count("rest")
        self.harness.settle()
        self._compare()

    # --- comparison ------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Compare the shown findings with the oracle's.

        Findings about crashes are left out: a fresh run need not crash.  A file whose run died with
        its host is checked again only on request, so this requests it.
        """
        editor = self.editor
        for name in sorted(self.harness.record.interrupted & editor.on_disk.keys()):
            self.open(name)
            editor.check(name)
            self.harness.settle()
        must = editor.state().shown(editor.followed())
        may = editor.state(maybe=True).shown(editor.on_disk.keys())
        got = {name: _without_faults(found) for name, found in self.harness.shown().items()}
        for name in NAMES:
            shown = set(got.get(name, []))
            missed = must.get(name, set()) - shown
            assert not missed, f"{name} does not show {missed}, only {shown}"
            ghosts = shown - may.get(name, set())
            assert not ghosts, f"{name} shows {ghosts}, but only {may.get(name)} is possible"
            assert len(shown) == len(got.get(name, [])), f"{name} shows one twice: {got[name]}"
        assert not self.harness.client.state.get("busy")

    def _count(self, action: str) -> None:
        self.counts[action] += 1


def _without_faults(found: list[SimpleFinding]) -> list[SimpleFinding]:
    """Return the findings that the oracle knows.

    The hint about trust is reduced to its first words at the first line, from which edits move it.
    """
    return [
        SimpleFinding(each.file, 0, HINT) if each.words.startswith(HINT) else each
        for each in found
        if not FAULT.search(each.words)
    ]
