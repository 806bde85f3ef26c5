"""How many requests are under way at once: fewer when a server is busy, then more.

The number begins at one, so that what is wrong with every request is seen in the first.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress

LESS = 0.75
"""What is left of the number after a server has said that it is busy."""
AFTER = 25
"""Replies in a row after which one more request is under way."""
COOL = 2.0
"""Seconds without new requests, where a server does not say how many."""
SPREAD = 0.25
"""Of a wait, the share that is drawn, so that requests do not come back all at once."""


class PaceEndedError(Exception):
    """Nothing more is sent."""


class Pace:
    """Lets requests through; for one event loop.

    Args:
        most: requests under way, at most.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = 1.0
        self.running = 0
        self.replies = 0
        self.begun = False
        self.quiet_until = 0.0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.ended = asyncio.Event()

    async def enter(self) -> None:
        """Wait for one's turn.

        Raises:
            PaceEndedError: if nothing more is sent.
        """
        loop = asyncio.get_running_loop()
        while True:
            rest = self.quiet_until - loop.time()
            if self.ended.is_set():
                raise PaceEndedError
            if rest > 0:
                await self.rest(rest)
            elif self.running < int(self.limit):
                self.running += 1
                return
            else:
                turn: asyncio.Future[None] = loop.create_future()
                self.waiting.append(turn)
                await turn

    async def rest(self, seconds: float) -> None:
        """Wait somewhat longer than this, unless nothing more is sent."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), jittered(seconds))

    def end(self) -> None:
        """Send nothing more; what is under way goes on."""
        self.ended.set()
        for turn in self.waiting:
            if not turn.done():
                turn.set_result(None)
        self.waiting.clear()

    def leave(self) -> None:
        """A request has ended, in whatever way."""
        self.running -= 1
        self._wake()

    def replied(self) -> None:
        """A reply has come."""
        if not self.begun:
            self.begun = True
            self.limit = float(self.most)
        self.replies += 1
        if self.replies >= AFTER:
            self.replies = 0
            self.limit = min(float(self.most), self.limit + 1)
        self._wake()

    def busy(self, wait: float | None) -> None:
        """The server has said that it is asked too much.

        Args:
            wait: the seconds that it asks for.
        """
        now = asyncio.get_running_loop().time()
        if now >= self.quiet_until:
            # Many requests hear the same at once; it counts once.
            self.limit = max(1.0, self.limit * LESS)
        self.replies = 0
        self.quiet_until = max(self.quiet_until, now + (COOL if wait is None else wait))

    def _wake(self) -> None:
        free = int(self.limit) - self.running
        while free > 0 and self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1


def jittered(seconds: float) -> float:
    """A wait that is somewhat longer, by a share that is drawn."""
    return seconds * (1 + SPREAD * random.random())
