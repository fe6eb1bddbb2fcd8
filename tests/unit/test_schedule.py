"""The schedule, with scripted runs in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import Recall, recall
from export_lsp.engine.results.kinds import FINDING
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.run import Durability, durability_of
from export_lsp.engine.scheduling.runner import TRIES
from export_lsp.engine.scheduling.schedule import Schedule
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.observed import Aspect, key
from export_lsp.protocol import (
    Check,
    Exited,
    Finding,
    Finished,
    Found,
    Loaded,
    Location,
    Position,
    Ready,
    RuleCode,
    RunEvent,
    StageEntered,
    TargetsFound,
    Unusable,
)
from export_lsp.source import split_lines
from tests.virtual_time import InlineExecutor, to_thread_inline

pytestmark = pytest.mark.virtual_time

PARALLEL_RUNS = 2


class Runs:
    """Scripted runs: each yields the events that a test reports in its name."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.killed: list[int] = []
        self.alive: set[int] = set()
        self.most_alive = 0
        self.dying: asyncio.Event = asyncio.Event()
        self.dying.set()
        self.unusable: str | None = None
        self.instead_of_dying: RunEvent | None = None
        self.foundation: dict[str, str] = {}
        self._events: dict[int, asyncio.Queue[RunEvent]] = {}

    async def carry_out(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        if self.unusable is not None:
            raise UnusableInterpreterError(Unusable("torch-missing", self.unusable))
        assert not [c for c in self.checks if c.run in self.alive and c.file == check.file]
        queue = self._events[check.run] = asyncio.Queue()
        queue.put_nowait(Loaded(check.run, {}, self.foundation))
        self.checks.append(check)
        self.alive.add(check.run)
        self.most_alive = max(self.most_alive, len(self.alive))
        ended = False
        try:
            while not ended:
                try:
                    event = await queue.get()
                except asyncio.CancelledError:
                    if self.instead_of_dying is None:
                        raise
                    event = self.instead_of_dying
                ended = isinstance(event, Exited)
                yield event
        finally:
            if not ended:
                self.killed.append(check.run)
                await self.dying.wait()
            self.alive.discard(check.run)

    def report(self, file: Path, *events: Callable[[int], RunEvent]) -> None:
        """Report events of the newest run of a file; each is made from the run's number."""
        run = next(check.run for check in reversed(self.checks) if check.file == str(file))
        for event in events:
            self._events[run].put_nowait(event(run))

    def files(self) -> list[str]:
        return [Path(check.file).name for check in self.checks]


class World:
    """A schedule for a folder, and a record of its reports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = Runs()
        self.device = "auto"
        self.budget = Budget(4, 60.0)
        self.fixing_files: list[Path] = []
        self.changed: list[set[str]] = []
        self.ended_files: list[Path] = []
        self.unusable_messages: list[str] = []
        self.results = Results(folder, lambda file: split_lines(Path(file).read_text()))
        self.shown_files: set[Path] = set()
        self.python = folder / "python"
        self.memory = Recall(folder / "cache")
        self.imports()
        self.schedule = Schedule(
            check_for=self.check_for,
            budget=lambda: self.budget,
            carry_out=self.runs.carry_out,
            interpreter=lambda: self.python,
            is_shown=lambda file: file in self.shown_files,
            memory=self.memory,
            results=self.results,
            reporter=self,
            slots=Slots(PARALLEL_RUNS),
        )

    def imports(self, *files: Path) -> None:
        """Let the host be one that has imported these files."""
        self.runs.foundation = disk.look_again({key("stamp", str(file)): "" for file in files})
        ready = Ready(1, "python", "2.13", 1, True, 0.0, observed=self.runs.foundation)
        self.memory.note_host(self.python, ready)

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text)
        return file

    def check_for(self, file: Path) -> Check | None:
        if not file.exists():
            return None
        return Check(run=0, folder=str(self.folder), file=str(file), device=self.device)

    def results_changed(self, files: set[str]) -> None:
        self.changed.append(files)

    def started(self, owner: Path) -> None: ...

    def event(self, owner: Path, event: RunEvent) -> None: ...

    def fixing(self, owner: Path) -> None:
        self.fixing_files.append(owner)

    def ended(self, owner: Path) -> None:
        self.ended_files.append(owner)

    def recalled(self, owner: Path) -> None: ...

    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None:
        self.unusable_messages.append(str(error))
        self.schedule.cancel_waiting()

    def shown(self, owner: Path) -> list[str]:
        return [each.value.message for each in self.results[owner].of(FINDING)]

    async def until(self, predicate: Callable[[], object]) -> None:
        """Let the loop run until a condition holds."""
        for _ in range(1000):
            if predicate():
                return
            await asyncio.sleep(0)
        raise AssertionError("the condition does not come to hold")

    async def pause(self) -> None:
        """Run the loop until nothing happens without a further event."""
        await asyncio.sleep(1)

    async def running(self, number: int) -> None:
        """Wait until this many runs have been started in total."""
        await self.until(lambda: len(self.runs.checks) >= number)

    async def settle(self) -> None:
        """Wait until every request is answered and no run is in progress."""
        await self.pause()
        assert not self.schedule.busy

    async def checked(self, file: Path, *events: Callable[[int], RunEvent]) -> None:
        """Save a file, and let its run report these events and end."""
        before = len(self.runs.checks)
        self.schedule.saved(file)
        await self.running(before + 1)
        self.runs.report(file, *events, finished, exited)
        await self.until(lambda: not self.schedule.busy)


def found(file: Path, message: str, rule: RuleCode = "graph-break") -> Callable[[int], RunEvent]:
    column = ord(message[0])
    location = Location(str(file), Position(0, column), Position(0, column + 1))
    return lambda run: Found(run, Finding(rule, "capture", (), "model", location, message))


def loaded(*files: Path) -> Callable[[int], RunEvent]:
    digests = {name: digest or "" for name, digest in disk.digests(map(str, files)).items()}
    return lambda run: Loaded(run, digests)


def finished(run: int) -> RunEvent:
    return Finished(run, 0.1, 0)


def exited(run: int) -> RunEvent:
    return Exited(run, 0)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(asyncio, "to_thread", to_thread_inline)
    monkeypatch.setattr(recall, "ThreadPoolExecutor", InlineExecutor)
    made = World(tmp_path)
    yield made
    await made.schedule.close()
    assert made.runs.alive == set()


async def test_findings_are_shown_as_they_come_and_replaced_at_the_end(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, found(file, "one"), found(file, "second"), loaded(file))
    assert world.shown(file) == ["one", "second"]
    world.write("m.py", "b")
    world.schedule.saved(file)
    await world.running(2)
    assert world.shown(file) == ["one", "second"]
    world.runs.report(file, found(file, "three"), loaded(file))
    await world.until(lambda: "three" in world.shown(file))
    assert world.shown(file) == ["three", "one", "second"]
    world.runs.report(file, finished, exited)
    await world.settle()
    assert world.shown(file) == ["three"]


async def test_unchanged_content_starts_nothing(world: World) -> None:
    layers, model = world.write("layers.py", "a"), world.write("model.py", "b")
    await world.checked(model, loaded(model, layers))
    world.schedule.saved(model)
    world.schedule.request(model)
    await world.settle()
    assert world.runs.files() == ["model.py"]
    world.schedule.request(model, force=True)
    await world.running(2)


@pytest.mark.parametrize("aspect", ["kind", "content", "stamp", "access"])
async def test_a_file_that_was_looked_for_appears(world: World, aspect: Aspect) -> None:
    """The next save starts a check, and so does the save of that file."""
    model, other = world.write("model.py", "b"), world.folder / "flag.txt"
    looked = disk.look_again({key(aspect, str(other)): ""})
    await world.checked(model, lambda run: Loaded(run, {}, looked))
    world.schedule.saved(model)
    await world.settle()
    assert len(world.runs.checks) == 1
    other.write_text("")
    world.schedule.saved(other)
    await world.running(2)


async def test_a_result_that_rests_on_a_program_stands_until_the_next_save(world: World) -> None:
    model = world.write("model.py", "b")
    await world.checked(model, lambda run: Loaded(run, {}, {}, "starts a program"))
    world.schedule.saved(model)
    await world.running(2)


async def test_a_package_that_the_host_has_imported_is_edited(world: World) -> None:
    model, package = world.write("model.py", "b"), world.write("package.py", "")
    world.imports(package)
    await world.checked(model, loaded(model))
    world.schedule.saved(model)
    await world.settle()
    assert len(world.runs.checks) == 1
    world.write("package.py", "broken")
    world.schedule.saved(model)
    await world.running(2)


async def test_a_package_is_edited_and_the_host_opened_again_during_a_run(world: World) -> None:
    """The run was carried out by the host before: its result does not stand."""
    model, package = world.write("model.py", "b"), world.write("package.py", "")
    world.imports(package)
    world.schedule.saved(model)
    await world.running(1)
    await world.until(lambda: world.results[model].observed)
    world.write("package.py", "broken")
    world.imports(package)
    world.runs.report(model, loaded(model), finished, exited)
    await world.settle()
    world.schedule.saved(model)
    await world.running(2)


async def test_the_result_of_reverted_content_is_recalled(world: World) -> None:
    file = world.write("m.py", "a = 1\n")
    await world.checked(file, loaded(file), found(file, "first"))
    world.write("m.py", "a = 2\n")
    await world.checked(file, loaded(file), found(file, "second"))
    world.write("m.py", "a = 1\n")
    world.schedule.saved(file)
    await world.until(lambda: world.shown(file) == ["first"])
    await world.settle()
    assert len(world.runs.checks) == 2
    world.schedule.saved(file)
    await world.settle()
    assert world.shown(file) == ["first"]


async def test_a_revert_kills_the_run_of_the_reverted_content(world: World) -> None:
    file = world.write("m.py", "a = 1\n")
    await world.checked(file, loaded(file), found(file, "first"))
    world.write("m.py", "a = 2\n")
    world.schedule.saved(file)
    await world.running(2)
    world.runs.report(file, found(file, "second"))
    await world.until(lambda: "second" in world.shown(file))
    world.write("m.py", "a = 1\n")
    world.schedule.saved(file)
    await world.until(lambda: not world.runs.alive)
    await world.settle()
    assert world.shown(file) == ["first"]
    assert world.schedule.busy == []


async def test_a_comment_moves_the_findings(world: World) -> None:
    file = world.write("m.py", "first = 1\nsecond = 2\n")
    place = Location(str(file), Position(1, 9), Position(1, 10))

    def at_second(run: int) -> Found:
        return Found(run, Finding("graph-break", "capture", (), "", place, "here"))

    await world.checked(file, loaded(file), at_second)
    world.write("m.py", "# a comment\nfirst = 1\n\nsecond = 2  # another\n")
    world.schedule.saved(file)
    await world.until(lambda: len(world.changed) > 2 and not world.schedule.busy)
    await world.settle()
    assert len(world.runs.checks) == 1
    [placed] = world.results[file].of(FINDING)
    assert placed.value.location.start == Position(3, 9)
    world.write("m.py", "# a comment\nfirst = 1\n\nsecond = 3  # another\n")
    world.schedule.saved(file)
    await world.running(2)


async def test_a_restart_ignores_remembered_results(world: World) -> None:
    file = world.write("m.py", "a = 1\n")
    await world.checked(file, loaded(file))
    world.schedule.forget_basis()
    world.schedule.request(file)
    await world.running(2)


async def test_the_next_run_knows_which_targets_depended_on_data(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, loaded(file), found(file, "picked", "data-dependent-guard"))
    world.write("m.py", "b")
    await world.checked(file, loaded(file), found(file, "broken"))
    world.write("m.py", "c")
    await world.checked(file, loaded(file))
    assert [check.questions for check in world.runs.checks] == [(), ("model",), ()]


async def test_a_change_of_settings_starts_a_run(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, loaded(file))
    world.device = "cpu"
    world.schedule.request(file)
    await world.running(2)
    assert world.runs.checks[-1].device == "cpu"


async def test_saving_a_dependency_checks_its_dependents(world: World) -> None:
    layers, model, other = (world.write(f"{n}.py", n) for n in ("layers", "model", "other"))
    await world.checked(layers, loaded(layers))
    await world.checked(model, found(layers, "in layers"), loaded(model, layers))
    await world.checked(other, loaded(other))
    world.write("layers.py", "changed")
    world.schedule.saved(layers)
    await world.running(5)
    assert sorted(world.runs.files()[3:]) == ["layers.py", "model.py"]
    world.runs.report(layers, loaded(layers), finished, exited)
    world.runs.report(model, loaded(model, layers), finished, exited)
    await world.settle()
    assert world.shown(model) == []
    assert any(str(layers) in files for files in world.changed)


async def test_a_newer_save_kills_the_run_and_its_late_events_are_ignored(world: World) -> None:
    file = world.write("m.py", "a")
    world.schedule.saved(file)
    await world.running(1)
    world.runs.dying.clear()
    world.write("m.py", "b")
    world.schedule.saved(file)
    await world.until(lambda: world.runs.killed == [world.runs.checks[0].run])
    world.runs.report(file, found(file, "late"))
    await world.pause()
    assert len(world.runs.checks) == 1
    world.runs.dying.set()
    await world.running(2)
    world.runs.report(file, found(file, "new"), loaded(file), finished, exited)
    await world.settle()
    assert world.shown(file) == ["new"]


async def test_a_run_whose_cancellation_is_swallowed_is_ignored(world: World) -> None:
    """asyncio.wait_for of Python 3.11 and older may swallow a cancellation."""
    file = world.write("m.py", "a")
    world.schedule.saved(file)
    await world.running(1)
    first = world.runs.checks[0].run
    world.runs.instead_of_dying = found(file, "late")(first)
    world.write("m.py", "b")
    world.schedule.saved(file)
    await world.until(lambda: world.runs.killed == [first])
    world.runs.instead_of_dying = None
    await world.running(2)
    assert world.shown(file) == []


async def test_a_save_with_the_content_being_checked_lets_the_run_go_on(world: World) -> None:
    file = world.write("m.py", "a")
    world.schedule.saved(file)
    await world.running(1)
    world.schedule.saved(file)
    await world.pause()
    assert world.runs.killed == []
    assert len(world.runs.checks) == 1


async def test_fifty_saves_are_one_run_at_a_time_and_the_result_of_the_last(world: World) -> None:
    file = world.write("m.py", "a")
    for number in range(50):
        world.write("m.py", f"content {number}")
        world.schedule.saved(file)
        await world.pause()
    await world.pause()
    await world.until(lambda: len(world.runs.killed) == len(world.runs.checks) - 1)
    world.runs.report(file, found(file, "last"), loaded(file), finished, exited)
    await world.settle()
    assert world.runs.most_alive == 1
    assert world.shown(file) == ["last"]


async def test_findings_of_a_killed_run_stay_until_the_next_has_ended(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, found(file, "old"), loaded(file))
    world.write("m.py", "b")
    world.schedule.saved(file)
    await world.running(2)
    world.runs.report(file, found(file, "partial"))
    await world.until(lambda: "partial" in world.shown(file))
    world.write("m.py", "c")
    world.schedule.saved(file)
    await world.running(3)
    assert world.shown(file) == ["partial", "old"]
    world.runs.report(file, loaded(file), finished, exited)
    await world.settle()
    assert world.shown(file) == []


async def test_no_more_runs_than_slots(world: World) -> None:
    files = [world.write(f"m{number}.py", "a") for number in range(5)]
    for file in files:
        world.schedule.saved(file)
    for number, file in enumerate(files, start=1):
        await world.running(min(len(files), number + PARALLEL_RUNS - 1))
        world.runs.report(file, loaded(file), finished, exited)
    await world.until(lambda: world.ended_files == files)
    assert world.runs.most_alive == PARALLEL_RUNS
    assert world.runs.files() == [file.name for file in files]


async def test_files_open_in_the_editor_come_first(world: World) -> None:
    files = [world.write(f"m{number}.py", "a") for number in range(5)]
    world.shown_files = {files[4]}
    for file in files:
        world.schedule.saved(file)
    await world.running(2)
    await world.until(lambda: len(world.schedule.busy) == len(files))
    await world.pause()
    first, second = (Path(check.file) for check in world.runs.checks)
    world.runs.report(first, loaded(first), finished, exited)
    await world.running(3)
    assert files[4] in (first, second, Path(world.runs.checks[2].file))


async def test_a_dependency_saved_before_the_run_has_reported_reading_it(world: World) -> None:
    layers, model = world.write("layers.py", "a"), world.write("model.py", "b")
    world.schedule.saved(model)
    await world.running(1)
    reported = loaded(model, layers)
    world.write("layers.py", "changed")
    world.schedule.saved(layers)
    await world.running(2)
    world.runs.report(model, reported, finished, exited)
    await world.running(3)
    assert world.runs.files() == ["model.py", "layers.py", "model.py"]


@pytest.mark.parametrize(
    ("rule", "runs"), [("worker-crash", 2), ("out-of-memory", 2), ("timeout", 1)]
)
async def test_a_fault_is_tried_again_but_not_a_timeout(
    world: World, rule: RuleCode, runs: int
) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, loaded(file), found(file, "fault", rule))
    world.schedule.saved(file)
    await world.pause()
    assert len(world.runs.checks) == runs


async def test_content_that_kills_its_runs_is_not_checked_again(world: World) -> None:
    file = world.write("m.py", "a")
    for _ in range(TRIES):
        await world.checked(file, loaded(file), found(file, "fault", "worker-crash"))
    world.schedule.saved(file)
    await world.settle()
    assert len(world.runs.checks) == TRIES
    assert world.shown(file) == ["fault"]
    world.schedule.request(file, force=True)
    await world.running(TRIES + 1)
    world.runs.report(file, loaded(file), found(file, "fault", "worker-crash"), finished, exited)
    await world.settle()
    world.write("m.py", "b")
    world.schedule.saved(file)
    await world.running(TRIES + 2)


async def test_cancelling_keeps_results_and_the_next_save_checks(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(file, found(file, "old"), loaded(file))
    world.schedule.request(file, force=True)
    await world.running(2)
    world.schedule.cancel(file)
    await world.until(lambda: not world.runs.alive)
    assert world.schedule.busy == []
    assert world.shown(file) == ["old"]
    world.schedule.saved(file)
    await world.running(3)


async def test_saving_while_a_cancelled_run_is_dying(world: World) -> None:
    file = world.write("m.py", "a")
    world.schedule.saved(file)
    await world.running(1)
    world.runs.dying.clear()
    world.schedule.cancel(file)
    for text in "bcd":
        world.write("m.py", text)
        world.schedule.saved(file)
        await world.pause()
    assert len(world.runs.checks) == 1
    world.runs.dying.set()
    await world.running(2)
    assert world.runs.most_alive == 1


async def test_a_file_that_is_gone_is_dropped_with_its_findings(world: World) -> None:
    layers, model = world.write("layers.py", "a"), world.write("model.py", "b")
    await world.checked(model, found(layers, "in layers"), loaded(model, layers))
    model.unlink()
    world.schedule.saved(model)
    await world.until(lambda: world.changed[-1] == {str(layers)})
    assert world.schedule.owners == []
    assert list(world.results.items()) == []


async def test_dropping_a_file_kills_its_run(world: World) -> None:
    file = world.write("m.py", "a")
    world.schedule.saved(file)
    await world.running(1)
    world.schedule.drop(file)
    await world.until(lambda: not world.runs.alive)
    assert list(world.results.items()) == []


async def test_an_unusable_interpreter_ends_the_wait_and_is_tried_again(world: World) -> None:
    files = [world.write(f"m{number}.py", "a") for number in range(5)]
    world.runs.unusable = "no torch"
    for file in files:
        world.schedule.saved(file)
    await world.until(lambda: not world.schedule.busy and world.unusable_messages)
    assert 1 <= len(world.unusable_messages) <= PARALLEL_RUNS
    world.runs.unusable = None
    world.schedule.saved(files[0])
    await world.running(1)


async def test_modes_and_targets_are_remembered(world: World) -> None:
    file = world.write("m.py", "a")
    await world.checked(
        file,
        lambda run: TargetsFound(run, ("small",)),
        lambda run: StageEntered(run, "small", "capture", "strict"),
        lambda run: StageEntered(run, "small", "verify", "strict"),
        loaded(file),
    )
    assert world.results[file].targets == ("small",)
    assert world.results.target_modes() == {"m.py::small": ["strict"]}


async def test_closing_ends_every_run(world: World) -> None:
    for number in range(4):
        world.schedule.saved(world.write(f"m{number}.py", "a"))
    await world.running(2)
    await world.schedule.close()
    assert world.runs.alive == set()
    assert len(world.runs.killed) == 2


async def test_a_result_that_misses_a_module_is_not_remembered(world: World) -> None:
    """No digest tells that the module has appeared."""
    file = world.write("m.py", "a")
    missing = found(file, "No module named 'layers'", "load-error")
    await world.checked(file, loaded(file), missing)
    world.write("m.py", "b")
    await world.checked(file, loaded(file))
    world.write("m.py", "a")
    await world.checked(file, loaded(file))
    assert world.shown(file) == []


async def test_a_file_deleted_before_the_run_has_reported_reading_it(world: World) -> None:
    layers, file = world.write("layers.py", "a"), world.write("m.py", "b")
    world.schedule.saved(file)
    await world.running(1)
    reported = loaded(file, layers)
    layers.unlink()
    world.schedule.touched(layers)
    world.runs.report(file, reported, finished, exited)
    await world.running(2)


@pytest.mark.parametrize(
    ("rule", "message", "durability"),
    [
        ("graph-break", "", Durability.LASTING),
        ("timeout", "", Durability.SESSION),
        ("worker-crash", "", Durability.RETRIED),
        ("load-error", "No module named 'layers'", Durability.UNFOUNDED),
    ],
)
def test_the_durability_of_a_result(rule: RuleCode, message: str, durability: Durability) -> None:
    location = Location("m.py", Position(0, 0), Position(0, 1))
    assert durability_of(Finding(rule, "capture", (), "", location, message)) is durability
