"""The summary counts what the ledger says, by a second way of counting."""

from __future__ import annotations

from axolotl_explain.core.example import Example
from axolotl_explain.results.annotation import right_by_chance
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.tasks.modular_sum import as_example
from axolotl_explain.teacher.tally import SHOWN, AnswerCounts, Tally
from tests.teacher.teaching import answered, rules, sum_of

YES = Example("Is 4 even?", "yes")
NO = Example("Is 5 even?" + " Really?" * 20, "no")


def reply(text: str, tokens: int | None = 10) -> ServerReply:
    return ServerReply(text, "", "stop", "", 100, tokens)


def test_rows_and_replies_are_counted_by_try_answer_and_length() -> None:
    by = rules(levels=("long",), tries=2)
    answers = AnswerCounts()
    rows = [*[YES] * 6, *[NO] * 6]
    for example in rows:
        answers.add(example)
    tally = Tally(by, answers)
    for number, example in enumerate(rows, 1):
        right = reply(f"It is {number}.\nFinal answer: {example.answer}")
        wrong = reply(f"It is {number}.\nFinal answer: maybe")
        # Of six, yes: four at once, two at the second try. No: two, and four never.
        if example is YES:
            replies = [right] if number <= 4 else [wrong, right]
        else:
            replies = [wrong, right] if number <= 8 else [wrong, wrong]
        result, _ = answered(example, by, replies)
        tally.add(number, example, result)
    found = tally.finished({"answer is empty": 3})
    assert (found.asked, found.explained, found.whole) == (12, 8, 8)
    assert {turn: (one.of, one.kept) for turn, one in found.tries.items()} == {
        1: (12, 4),
        2: (8, 4),
    }
    assert {label: (one.of, one.kept) for label, one in found.labels.items()} == {
        "yes": (6, 6),
        "no": (6, 2),
    }
    assert [(one.of, one.kept) for one in found.lengths.values()] == [(6, 6), (6, 2)]
    assert found.reasons == {"wrong answer": 12}
    assert (found.replies, found.completion_tokens) == (20, 200)
    assert (found.levels["long"].texts, found.levels["long"].mean_tokens) == (8, 10)
    assert (found.choices, found.right_by_chance) == (2, 0.75)
    assert (len(found.kept), len(found.rejected)) == (8, 12)
    assert found.skipped == {"answer is empty": 3}


def test_twenty_of_each_are_kept_for_reading_whatever_their_number() -> None:
    by = rules(levels=("long",), tries=1)
    tally = Tally(by, AnswerCounts())
    for number in range(200):
        example = Example.from_row(sum_of(number))
        answer = example.answer if number % 2 else "0.5"
        text = reply(f"Add them, {number}.\nFinal answer: {answer}")
        result, _ = answered(example, by, [text])
        tally.add(number + 1, example, result)
    found = tally.finished({})
    assert len(found.kept) == len(found.rejected) == SHOWN
    assert len({one.row for one in found.kept}) == SHOWN
    assert all(one.row % 2 == 0 for one in found.kept)
    assert {one.reason for one in found.rejected} == {"wrong answer"}


def test_steps_are_looked_at_where_a_task_can_tell() -> None:
    by = rules(levels=("long",), tries=1)
    example = as_example([15, 27, 1], 10, "x")
    bare = Example(
        example.instruction, example.answer, example.input, meta=example.meta
    )
    tally = Tally(by, AnswerCounts())
    for text in (example.explanations["long"], "I guess."):
        result, _ = answered(bare, by, [reply(f"{text}\nFinal answer: 3")])
        tally.add(1, bare, result)
    found = tally.finished({})
    assert (found.steps.of, found.steps.kept) == (2, 1)


def test_what_a_server_does_not_count_is_said() -> None:
    by = rules(levels=("long",), tries=1)
    tally = Tally(by, AnswerCounts())
    result, _ = answered(YES, by, [reply("So.\nFinal answer: yes", None)])
    tally.add(1, YES, result)
    found = tally.finished({})
    assert (found.uncounted, found.levels["long"].mean_tokens) == (1, None)


def test_guesses_are_among_choices_or_labels_or_nothing() -> None:
    choices, labels, numbers = AnswerCounts(), AnswerCounts(), AnswerCounts()
    for number in range(40):
        meta = {"choices": ["red", "blue", "green"]}
        choices.add(Example("Which?", "red", meta=meta))
        labels.add(Example("Is it?", ("yes", "no")[number % 2]))
        numbers.add(Example.from_row(sum_of(number)))
    assert (choices.guessed_among, labels.guessed_among) == (3, 2)
    assert numbers.guessed_among is None
    assert numbers.labels == ()


def test_chance_is_that_of_throwing_dice() -> None:
    assert right_by_chance(2, 1, 1) == 0.5
    assert round(right_by_chance(6, 4, 1), 6) == round(1 - (5 / 6) ** 4, 6)
    assert round(right_by_chance(2, 3, 3), 6) == 0.125
