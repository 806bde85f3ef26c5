"""Fewer requests at once while a server is busy, and more again when it is not."""

from __future__ import annotations

import asyncio

import pytest

from axolotl_explain.teacher import pace as module
from axolotl_explain.teacher.pace import Pace


@pytest.fixture(autouse=True)
def no_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPREAD", 0.0)


def test_the_first_request_goes_alone() -> None:
    async def look() -> None:
        pace = Pace(8)
        await pace.enter()
        others = [asyncio.create_task(pace.enter()) for _ in range(10)]
        await asyncio.sleep(0.01)
        assert pace.running == 1
        pace.replied()
        pace.leave()
        await asyncio.sleep(0.01)
        assert pace.running == 8
        for _ in range(2):
            pace.leave()
        await asyncio.sleep(0.01)
        assert pace.running == 8
        assert all(one.done() for one in others)

    asyncio.run(look())


def test_a_busy_server_gets_fewer_once_for_many_that_hear_it_together() -> None:
    async def look() -> None:
        pace = Pace(16)
        pace.replied()
        for _ in range(10):
            pace.busy(0.05)
        assert pace.limit == 12
        began = asyncio.get_running_loop().time()
        await pace.enter()
        assert asyncio.get_running_loop().time() - began >= 0.04
        pace.busy(0.0)
        assert pace.limit == 9
        for _ in range(module.AFTER * 3):
            pace.replied()
        assert pace.limit == 12

    asyncio.run(look())


def test_it_never_falls_below_one_nor_rises_above_the_most() -> None:
    async def look() -> None:
        pace = Pace(2)
        pace.replied()
        for _ in range(20):
            pace.busy(0.0)
            await asyncio.sleep(0)
        assert pace.limit == 1
        for _ in range(module.AFTER * 5):
            pace.replied()
        assert pace.limit == 2

    asyncio.run(look())


def test_nobody_waits_for_ever() -> None:
    async def look() -> None:
        pace, done = Pace(4), 0

        async def ask(number: int) -> None:
            nonlocal done
            await pace.enter()
            await asyncio.sleep(0.001)
            pace.busy(0.005) if number % 17 == 0 else pace.replied()
            pace.leave()
            done += 1

        await asyncio.wait_for(asyncio.gather(*map(ask, range(200))), 20)
        assert done == 200

    asyncio.run(look())
