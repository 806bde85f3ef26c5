"""What may be spent: what is under way is reserved, so that no limit is ever passed."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.ledger import Totals

MILLION = 1_000_000
DUST = 1e-9
"""What sums of fractions may be off by."""
PROMPT_EXTRA = 512
"""Tokens that a server may add to a prompt, by its template, at most."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens, in any currency; None where there are none."""

    prompt: float | None = None
    completion: float | None = None

    @property
    def known(self) -> bool:
        """Whether what a reply costs can be told."""
        return self.prompt is not None and self.completion is not None

    def of(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None where there are no prices."""
        if self.prompt is None or self.completion is None:
            return None
        whole = prompt_tokens * self.prompt + completion_tokens * self.completion
        return round(whole / MILLION, 9)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one reply takes."""

    tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the whole ledger; None for no limit.

    Raises:
        ExplainError: for a limit of money without prices.
    """

    cost: float | None = None
    tokens: int | None = None
    prices: Prices = field(default_factory=Prices)

    def __post_init__(self) -> None:
        if self.cost is not None and not self.prices.known:
            raise ExplainError(
                "--max-cost: what a reply costs is not known; give --price-in and "
                "--price-out, each for a million tokens, or limit --max-tokens."
            )

    def most(self, num_bytes: int, new_tokens: int) -> Charge:
        """What a request takes at most.

        Args:
            num_bytes: of the request. No tokenizer makes more tokens than a text has
                bytes.
        """
        prompt = num_bytes + PROMPT_EXTRA
        return Charge(prompt + new_tokens, self.prices.of(prompt, new_tokens))

    def charge(self, reply: ServerReply | None, most: Charge) -> Charge:
        """What a reply takes; the most where the server does not count."""
        if reply is None or reply.prompt_tokens is None:
            return most
        if reply.completion_tokens is None:
            return most
        counted = reply.prompt_tokens, reply.completion_tokens
        return Charge(sum(counted), self.prices.of(*counted))


class LimitReachedError(Exception):
    """Nothing more can be asked without the danger of passing a limit.

    Args:
        most: what the next request can take.
    """

    def __init__(self, most: Charge) -> None:
        super().__init__(most)
        self.most = most


class Spending:
    """What is spent and what is reserved; for one event loop."""

    def __init__(self, limits: Limits, totals: Totals) -> None:
        self.limits = limits
        self.cost = totals.cost + (limits.prices.of(*totals.unpriced) or 0.0)
        self.tokens = totals.tokens
        self.reserved_cost = 0.0
        self.reserved_tokens = 0
        self.under_way = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def reserve(self, most: Charge) -> None:
        """Wait until a request is sure to fit.

        Raises:
            LimitReachedError: if it cannot fit any more.
        """
        while not self._fits(most):
            if not self.under_way:
                raise LimitReachedError(most)
            ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(ended)
            await ended
        self.under_way += 1
        self.reserved_cost += most.cost or 0.0
        self.reserved_tokens += most.tokens

    def settle(self, most: Charge, charge: Charge | None) -> None:
        """A request has ended.

        Args:
            charge: what it took; None where no reply came.
        """
        self.under_way -= 1
        self.reserved_cost -= most.cost or 0.0
        self.reserved_tokens -= most.tokens
        if charge is not None:
            self.cost += charge.cost or 0.0
            self.tokens += charge.tokens
        while self.waiting:
            ended = self.waiting.popleft()
            if not ended.done():
                ended.set_result(None)

    def _fits(self, most: Charge) -> bool:
        cost, tokens = self.limits.cost, self.limits.tokens
        if cost is not None:
            whole = self.cost + self.reserved_cost + (most.cost or 0.0)
            if whole > cost - DUST:
                return False
        whole_tokens = self.tokens + self.reserved_tokens + most.tokens
        return tokens is None or whole_tokens <= tokens
