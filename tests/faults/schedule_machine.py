"""An editor's and a machine's whims, and what must be shown after them."""

from __future__ import annotations

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
from tests.faults.desk import Desk
from tests.faults.reference import HINT, INNER, INNER_MODULE, OUTER, Configuration, Said, Text
from tests.faults.stage import Stage

MODELS = ("one.py", "two.py", INNER_MODULE)
NAMES = (*MODELS, "shared.py")

FAULT = re.compile("^The (check|process that runs all checks) (crashed|was killed)")

# Most files are what most findings come from: targets that import something and are checked to the
# end.
models = st.builds(
    Text,
    target=st.sampled_from([True] * 7 + [False]),
    imports=st.sampled_from([True] * 3 + [False]),
    imports_inner=st.booleans(),
    reads=st.booleans(),
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
    """So many sequences of so many steps, each of which may take as long as it does."""
    return settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **others,
    )


class ScheduleMachine(RuleBasedStateMachine):
    """The desk does it; each rule says when it can be done."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._base = Path(self._folder.name).resolve()
        (self._base / "workspace").mkdir()
        self.stage: Stage
        self.desk: Desk

    @initialize(asking=st.sampled_from([False, False, True]))
    def begin(self, asking: bool) -> None:
        """Start the editor, which asks whether to trust its folders or knows that it may."""
        folder, home = self._base / "workspace", self._base / "home"
        self.stage = Stage(folder, home, trusted="ask" if asking else True)
        self.desk = Desk(self.stage, asking=asking)
        for name in NAMES:
            self.desk.write(name, str(Text(target=name in MODELS, imports=name in MODELS)))

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
        if name not in self.desk.opened and name in self.desk.on_disk:
            self._count("open")
            self.desk.open(name, self.desk.on_disk[name])

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules), tell=st.booleans())
    def save(self, name: str, text: Text, tell: bool) -> None:
        """Change a file, opened for it, and save it; some editors tell of the write as well."""
        self.open(name)
        if name not in self.desk.opened:
            return
        self._count("save")
        self.desk.type(name, str(text))
        self.desk.save(name)
        if tell:
            self.desk.tell(name, types.FileChangeType.Changed)

    @rule(name=st.sampled_from(MODELS), text=models)
    def save_model(self, name: str, text: Text) -> None:
        self.save(name=name, text=text, tell=False)

    @rule(name=st.sampled_from(NAMES), comment=st.integers(0, 3))
    def edit(self, name: str, comment: int) -> None:
        """Move what a file says, without saving."""
        if name in self.desk.opened:
            self._count("edit")
            self.desk.type(name, self.desk.commented(name, comment))

    @rule(name=st.sampled_from(NAMES))
    def save_again(self, name: str) -> None:
        if name in self.desk.opened:
            self._count("save again")
            self.desk.save(name)

    @rule(name=st.sampled_from(NAMES))
    def close(self, name: str) -> None:
        if name in self.desk.opened:
            self._count("close")
            self.desk.close(name)

    @rule(name=st.sampled_from(MODELS))
    def check(self, name: str) -> None:
        """The command of that name."""
        self._count("command")
        self.desk.check(name)

    @rule(
        kind=st.sampled_from(["configure", "restart", "host dies", "folder", "answer"]),
        configuration=configurations,
        folder=st.sampled_from([INNER, INNER, OUTER]),
        answer=st.sampled_from([TRUST, TRUST, REFUSE, None]),
    )
    def upheaval(
        self, kind: str, configuration: Configuration, folder: str, answer: str | None
    ) -> None:
        """What touches all files at once."""
        self._count(kind)
        if kind == "configure":
            self.desk.configure(configuration)
        elif kind == "restart":
            self.stage.run(self.stage.session.restart())
        elif kind == "folder":
            self.desk.change_folder(folder)
        elif kind == "answer":
            self.desk.answer(answer)
        elif self.stage.hosts:
            self.stage.call(self.stage.hosts[-1].die)

    # --- what others do to the files -----------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), text=st.one_of(models, modules), tell_first=st.booleans())
    def write_outside(self, name: str, text: Text, tell_first: bool = True) -> None:
        """Make or change a file that is not open, or open without changes."""
        if self.desk.opened.get(name) == self.desk.on_disk.get(name):
            self._count("write outside")
            self.desk.write_outside(name, str(text), tell_first=tell_first)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if name in self.desk.on_disk:
            self._count("delete")
            self.desk.delete(name)

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES), tell_first=st.booleans())
    def rename(self, old: str, new: str, tell_first: bool) -> None:
        desk = self.desk
        if old in desk.on_disk and new not in desk.on_disk and new not in desk.opened:
            self._count("rename")
            desk.rename(old, new, tell_first=tell_first)

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
        desk = self.desk
        for name in sorted(self.stage.record.hurt & desk.on_disk.keys()):
            self.open(name)
            desk.check(name)
            self.stage.quiet()
        must = desk.scenery().shown(desk.followed())
        may = desk.scenery(perhaps=True).shown(desk.on_disk.keys())
        got = {name: _without_faults(found) for name, found in self.stage.shown().items()}
        for name in NAMES:
            shown = set(got.get(name, []))
            missed = must.get(name, set()) - shown
            assert not missed, f"{missed} is not shown in {name}, only {shown}"
            ghosts = shown - may.get(name, set())
            assert not ghosts, f"{ghosts} is shown in {name}, {may.get(name)} is so"
            assert len(shown) == len(got.get(name, [])), f"{got[name]} is shown twice in {name}"
        assert not self.stage.client.state.get("busy")

    def _count(self, what: str) -> None:
        self.counts[what] += 1


def _without_faults(found: list[Said]) -> list[Said]:
    """What is found; the hint on trust by its first words, at the top, from which edits move it."""
    return [
        Said(said.file, 0, HINT) if said.words.startswith(HINT) else said
        for said in found
        if not FAULT.search(said.words)
    ]
