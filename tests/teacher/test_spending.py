"""No limit is ever passed, and what fits is asked."""

from __future__ import annotations

import asyncio
import random

import pytest

from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.ledger import Totals
from axolotl_explain.teacher.spending import (
    Charge,
    LimitReachedError,
    Limits,
    Prices,
    Spending,
)
from tests.fixtures.refused import refusal_of

PRICES = Prices(2.0, 8.0)


def test_a_limit_of_money_needs_prices() -> None:
    assert "--price-in and --price-out" in refusal_of(Limits, cost=1.0)


def test_the_price_is_that_of_a_million_tokens() -> None:
    assert PRICES.of(500_000, 250_000) == 1.0 + 2.0
    assert Prices(1.0).of(1, 1) is None


def test_what_a_server_does_not_count_is_counted_at_its_most() -> None:
    limits = Limits(prices=PRICES)
    most = limits.most(1_000, 100)
    assert limits.charge(ServerReply("x"), most) == most
    assert limits.charge(None, most) == most
    counted = ServerReply("x", prompt_tokens=10, completion_tokens=5)
    assert limits.charge(counted, most) == Charge(15, 0.00006)


@pytest.mark.parametrize("seed", range(5))
def test_spent_and_reserved_stay_below_the_limit_at_every_moment(seed: int) -> None:
    drawn = random.Random(seed)
    limits = Limits(0.05, prices=PRICES)
    spending = Spending(limits, Totals(cost=0.01))

    async def worker() -> None:
        while True:
            most = limits.most(drawn.randrange(100, 900), 400)
            await spending.reserve(most)
            assert spending.cost + spending.reserved_cost <= 0.05
            await asyncio.sleep(drawn.random() / 1_000)
            used = drawn.random()
            charge = Charge(round(most.tokens * used), (most.cost or 0) * used)
            spending.settle(most, charge if drawn.random() > 0.1 else None)

    async def all_workers() -> None:
        workers = [asyncio.create_task(worker()) for _ in range(64)]
        ended = await asyncio.gather(*workers, return_exceptions=True)
        assert {type(one) for one in ended} == {LimitReachedError}

    asyncio.run(all_workers())
    most_of_one = limits.most(900, 400).cost or 0.0
    assert 0.05 - most_of_one < spending.cost <= 0.05
    assert spending.under_way == 0
    assert abs(spending.reserved_cost) < 1e-9


def test_tokens_are_limited_too_and_those_of_before_count() -> None:
    limits = Limits(tokens=2_000)
    spending = Spending(limits, Totals(tokens=500))

    async def ask() -> None:
        await spending.reserve(Charge(1_500, None))
        spending.settle(Charge(1_500, None), Charge(10, None))
        with pytest.raises(LimitReachedError):
            await spending.reserve(Charge(1_491, None))
        await spending.reserve(Charge(1_490, None))

    asyncio.run(ask())


def test_replies_without_a_price_are_priced_when_there_is_one() -> None:
    before = Totals(cost=1.0, unpriced=[500_000, 0])
    assert Spending(Limits(prices=PRICES), before).cost == 2.0
