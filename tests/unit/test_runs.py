"""A run that breaks off becomes a finding, and a new run checks the other targets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from export_lsp.engine.hosts import WorkerHost
from export_lsp.engine.hosts.volume import MAX_BYTES, MAX_EVENTS, MAX_FINDINGS, Volume
from export_lsp.engine.runs import check_events
from export_lsp.protocol import (
    Check,
    Exited,
    Finding,
    Finished,
    Found,
    Location,
    Log,
    ModeEnded,
    Output,
    Position,
    Reached,
    Ready,
    Rebuild,
    RunEvent,
    ScriptStarted,
    StageEntered,
    TargetEnded,
    TargetsFound,
    TargetStarted,
    Unusable,
)

pytestmark = pytest.mark.virtual_time

PLACE = Location("/w/net.py", Position(9, 8), Position(9, 11))
CHECK = Check(5, "/w", "/w/net.py")
FOUND = TargetsFound(5, ("a", "b"))
A, B = TargetStarted(5, "a", PLACE), TargetStarted(5, "b", PLACE)
DONE = Finished(5, 0.1, 1)
HANGS = None


class ScriptedHost(WorkerHost):
    """Gives each run the next list of events; after `HANGS`, a run lasts until it is killed.

    A run gets the `share` of a processor.
    """

    def __init__(self, *runs: list[RunEvent | None]) -> None:
        super().__init__(Path("python"), lambda level, text: None)
        self.runs = list(runs)
        self.checks: list[Check] = []
        self.killed: list[int] = []
        self.killed_at = 0.0
        self.share: float | None = None

    @property
    def alive(self) -> bool:
        return True

    async def ready(self) -> Ready | Unusable:
        return Ready(1, "python", "2.13", 1, True, 0.0)

    async def kill(self, run: int, *, late: bool = False) -> None:
        self.killed.append(run)
        self.killed_at = asyncio.get_running_loop().time()
        self._deliver(Exited(run, -9))

    def processor_time(self, run: int) -> float | None:
        return None if self.share is None else self.share * asyncio.get_running_loop().time()

    def abandon(self) -> None: ...

    async def close(self) -> None: ...

    async def _launch(self, check: Check) -> None:
        self.checks.append(check)
        for event in self.runs.pop(0):
            if event is not HANGS:
                self._deliver(event)


async def carry_out(host: ScriptedHost, timeout: float = 30) -> list[RunEvent]:
    return [event async for event in check_events(host, CHECK, timeout=timeout)]


async def carry_out_script(
    host: ScriptedHost, script_timeout: float, file: str = CHECK.file
) -> list[RunEvent]:
    stream = check_events(
        host, replace(CHECK, file=file), timeout=30, script_timeout=script_timeout
    )
    return [event async for event in stream]


def findings(events: list[RunEvent]) -> list[Finding]:
    return [event.finding for event in events if isinstance(event, Found)]


async def test_a_run_that_finishes_is_passed_on() -> None:
    script: list[RunEvent | None] = [FOUND, A, B, DONE, Exited(5, 0)]
    assert await carry_out(ScriptedHost(script)) == script


async def test_a_crash_is_a_finding_and_the_other_targets_are_checked() -> None:
    host = ScriptedHost(
        [FOUND, A, StageEntered(5, "a", "capture", "strict"), Exited(5, -11)],
        [FOUND, B, DONE, Exited(5, 0)],
    )
    reported = await carry_out(host)
    [finding] = findings(reported)
    assert (finding.rule, finding.stage, finding.modes, finding.target, finding.location) == (
        "worker-crash",
        "capture",
        ("strict",),
        "a",
        PLACE,
    )
    assert "SIGSEGV" in finding.message
    assert "capturing the model" in finding.message
    assert [check.skip for check in host.checks] == [(), ("a",)]
    assert [type(event) for event in reported].count(Exited) == 1


async def test_the_outcome_of_a_target_whose_run_breaks_off() -> None:
    begins = replace(A, modes=("non-strict", "strict"))
    exported = ModeEnded(5, "a", "non-strict", "exports")
    host = ScriptedHost([FOUND, begins, exported, Exited(5, -11)], [FOUND, B, DONE, Exited(5, 0)])
    [ended] = [event for event in await carry_out(host) if isinstance(event, TargetEnded)]
    assert ended.outcome.target == "a"
    assert ended.outcome.location == PLACE.beginning
    assert ended.outcome.stopped == "worker-crash"
    assert ended.outcome.modes == {"non-strict": "exports", "strict": "unknown"}


async def test_stages_after_a_time_out_are_left_out() -> None:
    comparing = StageEntered(5, "a", "run", "strict")
    host = ScriptedHost([TargetsFound(5, ("a",)), A, comparing, HANGS])
    [ended] = [event for event in await carry_out(host) if isinstance(event, TargetEnded)]
    assert [each.stage for each in ended.outcome.left_out] == ["run", "decompose"]


@pytest.mark.parametrize(
    ("status", "rule", "words"),
    [
        (70, "internal-error", "export-lsp itself failed while importing the file"),
        (-9, "out-of-memory", "killed from outside"),
        (0xC0000005, "worker-crash", "crashed with 0xC0000005"),  # Windows: access violation
        (-1000, "worker-crash", "crashed with signal 1000"),
        (3, "worker-crash", "exited with status 3"),
    ],
)
async def test_the_exit_status_names_the_cause(status: int, rule: str, words: str) -> None:
    [finding] = findings(await carry_out(ScriptedHost([Exited(5, status)])))
    assert finding.rule == rule
    assert words in finding.message


def found(file: str, message: str = "") -> Found:
    place = replace(PLACE, file=file)
    return Found(5, Finding("graph-break", "capture", (), "a", place, message))


ELSEWHERE = ["/etc/passwd", "/w2/net.py", "net.py", "/w/../etc/passwd", "/w", "", "/w/a\0b.py"]


@pytest.mark.parametrize("file", ELSEWHERE)
async def test_a_finding_outside_of_the_folder_is_dropped(file: str) -> None:
    started = replace(A, location=replace(PLACE, file=file))
    reached = Reached(5, replace(PLACE, file=file), "x")
    host = ScriptedHost([FOUND, started, found(file), reached, Exited(5, 3)], [])
    host.runs[1] = [FOUND, B, DONE, Exited(5, 0)]
    reported = await carry_out(host)
    [crash] = findings(reported)
    assert (crash.rule, crash.location.file) == ("worker-crash", CHECK.file)
    assert any(isinstance(event, Log) and "is dropped" in event.text for event in reported)


async def test_a_finding_in_another_file_of_the_folder_is_passed_on(tmp_path: Path) -> None:
    inside, link = tmp_path / "layers" / "a.py", tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path)
    for folder, file in ((tmp_path, inside), (link, inside), (link, link / "layers" / "a.py")):
        check = replace(CHECK, folder=str(folder))
        host = ScriptedHost([FOUND, A, found(str(file)), B, DONE, Exited(5, 0)])
        events = [event async for event in check_events(host, check, timeout=30)]
        assert [each.location.file for each in findings(events)] == [str(file)]


FLOODS: dict[str, list[RunEvent]] = {
    "findings": [found(CHECK.file)] * (MAX_FINDINGS + 10),
    "events": [StageEntered(5, "a", "capture", None)] * (MAX_EVENTS + 10),
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_run_that_reports_too_much_is_killed(kind: str) -> None:
    flood = FLOODS[kind]
    host = ScriptedHost([FOUND, A, *flood, HANGS], [FOUND, B, DONE, Exited(5, 0)])
    reported = await carry_out(host)
    assert len(reported) < len(flood)
    assert host.killed == [5]
    assert "reported more than" in findings(reported)[-1].message
    assert len(host.checks) == 1


async def test_bytes_count_as_well() -> None:
    volume = Volume()
    assert volume.add(FOUND, MAX_BYTES)
    assert volume.add(Output(5, "printed"), MAX_BYTES)
    assert not volume.add(FOUND, 1)


async def test_a_run_that_names_targets_and_starts_none_is_not_repeated() -> None:
    host = ScriptedHost([FOUND, Exited(5, 0)], [FOUND, Exited(5, 0)])
    await carry_out(host)
    assert len(host.checks) == 1


async def test_the_warm_up_does_not_count_towards_the_timeout() -> None:
    class WarmingHost(ScriptedHost):
        warm = False

        async def ready(self) -> Ready | Unusable:
            if not self.warm:
                await asyncio.sleep(0.2)
                self.warm = True
            return await super().ready()

    host = WarmingHost([FOUND, A, B, DONE, Exited(5, 0)])
    assert findings(await carry_out(host, timeout=0.1)) == []


async def test_a_crash_before_any_target_is_not_tried_again() -> None:
    host = ScriptedHost([StageEntered(5, "", "load", None), Exited(5, 3)])
    [finding] = findings(await carry_out(host))
    assert (finding.rule, finding.stage) == ("worker-crash", "load")
    assert finding.location == Location("/w/net.py", Position(0, 0), Position(0, 0))
    assert len(host.checks) == 1


async def test_a_run_that_takes_too_long_is_killed() -> None:
    host = ScriptedHost([FOUND, A, HANGS], [FOUND, B, DONE, Exited(5, 0)])
    [finding] = findings(await carry_out(host, timeout=0.05))
    assert (finding.rule, finding.target) == ("timeout", "a")
    assert "0.05 s" in finding.message
    assert host.killed == [5]
    assert host.checks[1].skip == ("a",)


@pytest.mark.parametrize(
    ("share", "seconds", "words"),
    [
        (None, 10, "stopped the check after 10 s"),  # not known
        (0.0, 10, "stopped the check after 10 s"),  # it sleeps
        (1.0, 10, "stopped the check after 10 s"),
        (0.5, 20, "stopped the check after 10 s"),
        (3.0, 10, "stopped the check after 10 s"),  # it computes in several processes
        (0.1, 50, "too busy"),
    ],
)
async def test_a_run_that_computes_is_stopped_after_its_own_processor_time(
    share: float | None, seconds: float, words: str
) -> None:
    host = ScriptedHost([FOUND, A, HANGS], [FOUND, B, DONE, Exited(5, 0)])
    host.share = share
    [finding] = findings(await carry_out(host, timeout=10))
    assert finding.rule == "timeout"
    assert words in finding.message
    assert host.killed_at == pytest.approx(seconds, rel=0.02)


async def test_a_timeout_after_the_export_does_not_fail_it() -> None:
    decomposing = StageEntered(5, "a", "decompose", "non-strict")
    host = ScriptedHost([FOUND, A, decomposing, HANGS], [FOUND, B, DONE, Exited(5, 0)])
    [finding] = findings(await carry_out(host, timeout=0.05))
    assert (finding.rule, finding.limit) == ("timeout", True)
    assert finding.explanation.startswith("The model exports, but `decompose` was left out")
    assert "Raise the `timeout` setting to include it" in finding.message


async def test_memory_that_runs_out_after_the_export_does_not_fail_it() -> None:
    comparing = StageEntered(5, "a", "run", "non-strict")
    host = ScriptedHost([FOUND, A, comparing, Exited(5, -9)], [FOUND, B, DONE, Exited(5, 0)])
    [finding] = findings(await carry_out(host))
    assert (finding.rule, finding.limit) == ("out-of-memory", True)
    assert finding.explanation.startswith(
        "The model exports, but `run` and `decompose` were left out"
    )
    assert "to include them" in finding.message


async def test_a_crash_after_the_export_stays_a_crash() -> None:
    comparing = StageEntered(5, "a", "run", "non-strict")
    host = ScriptedHost([FOUND, A, comparing, Exited(5, -11)], [FOUND, B, DONE, Exited(5, 0)])
    [finding] = findings(await carry_out(host))
    assert (finding.rule, finding.limit) == ("worker-crash", False)


async def test_real_parameters_are_used_when_fake_ones_fail() -> None:
    host = ScriptedHost(
        [FOUND, A, Rebuild(5, "real", "read values"), DONE, Exited(5, 0)],
        [FOUND, A, B, DONE, Exited(5, 0)],
    )
    assert findings(await carry_out(host)) == []
    assert [(check.build, check.skip) for check in host.checks] == [("fake", ()), ("real", ())]


async def test_large_tensors_are_fake_when_real_ones_need_too_much_memory() -> None:
    host = ScriptedHost(
        [FOUND, A, Rebuild(5, "real", "read values"), DONE, Exited(5, 0)],
        [FOUND, A, Rebuild(5, "mixed", "out of memory"), DONE, Exited(5, 0)],
        [FOUND, A, B, DONE, Exited(5, 0)],
    )
    assert findings(await carry_out(host)) == []
    assert [check.build for check in host.checks] == ["fake", "real", "mixed"]


async def test_a_check_does_not_return_to_an_earlier_build() -> None:
    run: list[RunEvent | None] = [FOUND, A, Rebuild(5, "real", "read values"), Exited(5, 0)]
    host = ScriptedHost(run, run, [FOUND, B, DONE, Exited(5, 0)])
    await carry_out(host)
    assert [(check.build, check.skip) for check in host.checks] == [
        ("fake", ()),
        ("real", ()),
        ("real", ("a",)),
    ]


async def test_targets_done_with_fake_parameters_stay_done() -> None:
    host = ScriptedHost(
        [FOUND, A, B, Rebuild(5, "real", "read values"), DONE, Exited(5, 0)],
        [FOUND, B, DONE, Exited(5, 0)],
    )
    await carry_out(host)
    assert [(check.build, check.skip) for check in host.checks] == [("fake", ()), ("real", ("a",))]


async def test_closing_the_generator_kills_the_run() -> None:
    host = ScriptedHost([FOUND, A, HANGS])
    stream: AsyncGenerator[RunEvent, None] = check_events(host, CHECK, timeout=30)
    assert await anext(stream) == FOUND
    await stream.aclose()
    assert host.killed == [5]


async def test_cancelling_the_consumer_kills_the_run() -> None:
    host = ScriptedHost([FOUND, A, HANGS])
    consumer = asyncio.create_task(carry_out(host))
    while not host.checks:
        await asyncio.sleep(0)
    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert host.killed == [5]


async def test_a_script_has_a_limit_of_its_own_until_its_export() -> None:
    host = ScriptedHost([ScriptStarted(5), Reached(5, PLACE, "loss.backward()"), HANGS])
    [finding] = findings(await carry_out_script(host, script_timeout=4))
    assert host.killed_at == pytest.approx(4, abs=0.5)
    assert finding.rule == "timeout"
    assert "after 4 s (the `script-timeout` setting)" in finding.message
    assert "at `loss.backward()`" in finding.message
    host = ScriptedHost([ScriptStarted(5), A, HANGS])
    [finding] = findings(await carry_out_script(host, script_timeout=4))
    assert "(the `timeout` setting)" in finding.message


async def test_a_late_script_is_told_its_own_option(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text('parser.add_argument("--max-steps", type=int)\n')
    host = ScriptedHost([ScriptStarted(5), HANGS])
    [finding] = findings(await carry_out_script(host, script_timeout=4, file=str(file)))
    assert "lower its `--max-steps` (`run-args`)" in finding.message
