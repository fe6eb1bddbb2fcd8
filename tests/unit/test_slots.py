"""The runs that get a slot, and their order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from export_lsp.engine.scheduling.slots import Need, Slot, Slots, Urgency

GIGABYTE = 1 << 30


class Runners:
    """Runs that hold their slots until they are ended."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.running: dict[str, Slot] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, need: Need) -> None:
        async def run() -> None:
            async with AsyncExitStack() as stack:
                self.running[name] = await stack.enter_async_context(self.slots.taken(need))
                await asyncio.Event().wait()

        self.tasks[name] = asyncio.create_task(run())
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        self.running.pop(name, None)
        self.tasks[name].cancel()
        await asyncio.wait({self.tasks[name]})
        await asyncio.sleep(0)


def need(urgency: Urgency = Urgency.SHOWN, memory: int = GIGABYTE, gpu: str = "") -> Need:
    return Need(urgency, memory, gpu)


async def test_the_most_urgent_is_next_and_among_equals_the_first_to_ask() -> None:
    runners = Runners(Slots(1))
    await runners.ask("running", need())
    await runners.ask("trial", need(Urgency.TRIAL))
    await runners.ask("unseen", need(Urgency.UNSEEN))
    await runners.ask("shown", need())
    await runners.ask("shown too", need())
    for ended, following in [
        ("running", "shown"),
        ("shown", "shown too"),
        ("shown too", "unseen"),
        ("unseen", "trial"),
    ]:
        await runners.end(ended)
        assert list(runners.running) == [following]


async def test_memory_bounds_all_but_the_first() -> None:
    runners = Runners(Slots(8, 2 * GIGABYTE))
    await runners.ask("large", need(memory=5 * GIGABYTE))
    await runners.ask("small", need(memory=1))
    assert list(runners.running) == ["large"]
    await runners.end("large")
    for name in ("one", "two", "three"):
        await runners.ask(name, need(memory=GIGABYTE))
    assert list(runners.running) == ["small", "one"]


async def test_a_smaller_need_does_not_overtake() -> None:
    runners = Runners(Slots(8, 2 * GIGABYTE))
    await runners.ask("one", need())
    await runners.ask("large", need(memory=2 * GIGABYTE))
    await runners.ask("small", need(memory=1))
    assert list(runners.running) == ["one"]


async def test_a_gpu_has_one_run_at_a_time() -> None:
    runners = Runners(Slots(8))
    await runners.ask("first", need(gpu="cuda:0"))
    await runners.ask("second", need(gpu="cuda:0"))
    await runners.ask("other", need(gpu="cuda:1"))
    await runners.ask("none", need())
    assert list(runners.running) == ["first", "other", "none"]
    await runners.end("first")
    assert "second" in runners.running


async def test_a_cancelled_wait_is_passed_over() -> None:
    runners = Runners(Slots(1))
    await runners.ask("running", need())
    await runners.ask("impatient", need())
    await runners.ask("patient", need())
    await runners.end("impatient")
    await runners.end("running")
    assert list(runners.running) == ["patient"]


async def test_a_slot_is_released_once() -> None:
    runners = Runners(Slots(1))
    await runners.ask("first", need())
    runners.running["first"].release()
    await runners.ask("second", need())
    await runners.end("first")
    await runners.ask("third", need())
    assert list(runners.running) == ["second"]
