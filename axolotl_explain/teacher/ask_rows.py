"""Asks a teacher about many rows at once, and keeps every reply in the ledger."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.servers.refusals import ServerRefusal
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.ledger import Entry, Ledger
from axolotl_explain.teacher.pace import PaceEndedError
from axolotl_explain.teacher.row_questions import Attempt, RowRules, ask_row
from axolotl_explain.teacher.spending import Charge, LimitReachedError, Spending
from axolotl_explain.teacher.teacher_client import NoReplyError, TeacherClient
from axolotl_explain.teacher.teacher_request import TeacherRequest

FATAL = (301, 302, 307, 308, 401, 402, 403, 404, 405)
"""Statuses that every further request would get too."""
REFUSED_FIRST = 3
"""Requests that a server refuses before it has answered any, until none is sent any
more."""
NO_REPLIES = 8
"""Requests in a row that get no reply, until none is sent any more."""
MALFORMED = 5
"""Replies from the first on that cannot be read, until nothing more is asked."""
SYNC_EVERY = 2.0
"""Seconds between two moments at which the ledger is put on the disk."""

NumberedExample = tuple[int, Example]


@dataclass(slots=True)
class AskingProgress:
    """How far it is; counts since this start, but for rows.

    Attributes:
        rows: that are finished, those that were already among them.
        refused: requests that the server would not answer.
        without_reply: requests that got none.
        limited: whether a limit has ended the asking.
        next_one: what a further request can take then, at most.
        interrupted: whether the user has.
        cost, tokens: of the whole ledger; `run_…` of this start.
    """

    rows: int = 0
    replies: int = 0
    kept: int = 0
    rejected: int = 0
    refused: int = 0
    without_reply: int = 0
    limited: bool = False
    next_one: Charge | None = None
    interrupted: bool = False
    cost: float = 0.0
    tokens: int = 0
    run_cost: float = 0.0
    run_tokens: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RowAsker:
    """One asking of many rows; for one event loop."""

    rules: RowRules
    ledger: Ledger
    client: TeacherClient
    spending: Spending
    on_progress: Callable[[AskingProgress], object] = lambda progress: None
    progress: AskingProgress = field(default_factory=AskingProgress)
    error: BaseException | None = None
    under_way: dict[str, asyncio.Event] = field(default_factory=dict)
    silent: int = 0
    malformed: int = 0
    synced: float = field(default_factory=time.monotonic)

    async def ask(self, rows: Iterator[NumberedExample], at_once: int) -> None:
        """Ask about all rows, so many at a time.

        What is under way when something goes wrong still ends, and is kept.

        Raises:
            ExplainError: if the server cannot be asked any further.
        """
        progress = self.progress
        progress.cost, progress.tokens = self.spending.cost, self.spending.tokens
        workers = [asyncio.create_task(self._work(rows)) for _ in range(at_once)]
        await asyncio.gather(*workers)
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Begin nothing more, as the user wishes."""
        self.progress.interrupted = True
        self.client.pace.end()

    def _fail(self, error: BaseException) -> None:
        """Begin nothing more, for the first thing that went wrong."""
        self.error = self.error or error
        self.client.pace.end()

    @property
    def ended(self) -> bool:
        """Whether nothing more is begun."""
        progress = self.progress
        return self.error is not None or progress.limited or progress.interrupted

    async def _work(self, rows: Iterator[NumberedExample]) -> None:
        try:
            for number, example in rows:
                if self.ended:
                    return
                if not await self._row(number, example):
                    return
                self.progress.rows += 1
                self.on_progress(self.progress)
        except LimitReachedError as limit:
            self.progress.limited = True
            self.progress.next_one = limit.most
        except Exception as error:  # noqa: BLE001
            # The other workers keep what they have under way; it is raised by `ask`.
            self._fail(error)

    async def _row(self, number: int, example: Example) -> bool:
        """Ask about one row; returns whether to go on with others."""
        questions = ask_row(example, self.rules)
        try:
            request = next(questions)
            while True:
                attempt: Attempt | None
                entry = self.ledger.find(request.key)
                if entry is not None:
                    attempt = self._attempt(example, request, entry.reply)
                elif self.ended:
                    return False
                else:
                    attempt = await self._once(number, example, request)
                request = questions.send(attempt)
        except StopIteration:
            return True
        finally:
            questions.close()

    def _attempt(
        self, example: Example, request: TeacherRequest, reply: ServerReply | None
    ) -> Attempt:
        return Attempt(request, reply, self.rules.accept(example, request, reply))

    async def _once(
        self, number: int, example: Example, request: TeacherRequest
    ) -> Attempt | None:
        """The reply to a request, which equal rows may have made at the same time."""
        before = self.under_way.get(request.key)
        if before is not None:
            await before.wait()
            entry = self.ledger.find(request.key)
            return self._attempt(example, request, entry.reply) if entry else None
        self.under_way[request.key] = ended = asyncio.Event()
        try:
            return await self._asked(number, example, request)
        finally:
            del self.under_way[request.key]
            ended.set()

    async def _asked(
        self, number: int, example: Example, request: TeacherRequest
    ) -> Attempt | None:
        """Ask the server; None where it gives no reply to this request."""
        limits = self.spending.limits
        new_tokens = self.rules.sampling.most_new_tokens
        most = limits.most(len(request.content), new_tokens)
        await self.spending.reserve(most)
        charge = None
        begun = time.monotonic()
        try:
            answered = await self.client.complete(request.content)
            charge = limits.charge(answered.reply, most)
            attempt = self._attempt(example, request, answered.reply)
            seconds = time.monotonic() - begun
            entry = self._entry(number, example, attempt, charge, seconds)
            if answered.malformed is not None:
                entry = replace(entry, malformed=answered.malformed)
            self.ledger.add(entry)
        except NoReplyError as error:
            self._no_reply(error)
            return None
        except ServerRefusal as error:
            await self._refused(error)
            return None
        except PaceEndedError:
            return None
        finally:
            self.spending.settle(most, charge)
        self._count(entry)
        return attempt

    def _entry(
        self,
        number: int,
        example: Example,
        attempt: Attempt,
        charge: Charge,
        seconds: float,
    ) -> Entry:
        """The line of the ledger for an attempt."""
        request = attempt.request
        reply = attempt.reply or ServerReply("")
        return Entry(
            key=request.key,
            row=number,
            id=example.id,
            ask=request.ask,
            level=request.level,
            turn=request.turn,
            reason=attempt.accepted.reason,
            model=self.rules.sampling.model,
            text=reply.text,
            thought=reply.thought,
            finish=reply.finish,
            refusal=reply.refusal,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            tokens=charge.tokens,
            cost=charge.cost,
            seconds=round(seconds, 3),
        )

    def _count(self, entry: Entry) -> None:
        progress = self.progress
        progress.replies += 1
        progress.kept += entry.reason is None
        progress.rejected += entry.reason is not None
        progress.cost, progress.tokens = self.spending.cost, self.spending.tokens
        progress.run_cost += entry.cost or 0.0
        progress.run_tokens += entry.tokens
        self.silent = 0
        self.malformed += entry.malformed is not None
        if self.malformed == progress.replies == MALFORMED:
            error = (
                f"{self.client.address.asked}: none of the first {MALFORMED} answers "
                "is a completion; name the URL of an OpenAI interface, which mostly "
                f"ends in /v1. The last one begins: {entry.malformed!r:.200}"
            )
            self._fail(ExplainError(error))
        now = time.monotonic()
        if now - self.synced > SYNC_EVERY:
            self.synced = now
            self.ledger.sync()
        self.on_progress(progress)

    def _no_reply(self, error: NoReplyError) -> None:
        """Leave a request without a reply; end where nothing is answered any more."""
        self.progress.without_reply += 1
        self.silent += 1
        if self.silent >= NO_REPLIES:
            self._fail(ExplainError(str(error)))

    async def _refused(self, error: ServerRefusal) -> None:
        """Leave a request that is refused; end where all would be."""
        progress = self.progress
        progress.refused += 1
        if len(progress.refusals) < REFUSED_FIRST:
            progress.refusals.append(str(error))
        unanswered = not self.client.answers and progress.refused >= REFUSED_FIRST
        if (error.status in FATAL or unanswered) and self.error is None:
            self._fail(error)
            if error.status not in (401, 402, 403):
                self.error = await self._with_models(error)

    async def _with_models(self, error: ServerRefusal) -> ExplainError:
        """The error with the models of the server, where one of them may be meant."""
        model = self.rules.sampling.model
        names = await self.client.models()
        if not names or model in names:
            return error
        listed = ", ".join(names[:10])
        return ExplainError(
            f"{error} It was asked for {model} (--model); it serves {listed}."
        )
