"""What holds for the data sets of every task."""

from itertools import islice

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks import TASKS, verify_row
from axolotl_explain.tasks.dataset_plan import DatasetPlan, SplitSizes
from axolotl_explain.tasks.draw_splits import draw_splits
from axolotl_explain.tasks.drawing import DRAWINGS

every_drawing = pytest.mark.parametrize("drawing", DRAWINGS)
every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def inputs(task, seed=0, options=None, drawing=2, **sizes):
    """Split -> its problems in order."""
    counts = {"train": 300, "validation": 50, "test": 50, "test_long": 50} | sizes
    sizes = SplitSizes(**counts)
    plan = DatasetPlan(task, options or task.options(), sizes, seed, drawing)
    return {split: [e.input for e in examples] for split, examples in draw_splits(plan)}


def small(task):
    """Options under which there are few problems."""
    shortest = 4 if task.name == "listops" else 2
    return task.options(
        min_length=shortest, max_length=shortest + 1, test_long_max_length=shortest + 2
    )


@every_task
def test_a_task_is_found_by_its_own_name(task):
    assert TASKS[task.name] is task


@every_task
@every_drawing
def test_splits_share_no_problem_and_none_occurs_twice(task, drawing):
    options = small(task)
    drawn = inputs(task, options=options, drawing=drawing, train=200, validation=20)
    problems = [problem for split in drawn.values() for problem in split]
    assert len(set(problems)) == len(problems) == 320


@every_task
@every_drawing
def test_an_item_is_a_function_of_its_place(task, drawing):
    assert inputs(task, drawing=drawing) == inputs(task, drawing=drawing)
    later = task.problem(task.options(), 0, "train", 7, 0)
    assert later == task.problem(task.options(), 0, "train", 7, 0)


@every_task
@every_drawing
def test_tests_stay_the_same_and_train_only_grows(task, drawing):
    few, many = (inputs(task, drawing=drawing, train=rows) for rows in (100, 300))
    assert few["train"] == many["train"][:100]
    assert all(few[s] == many[s] for s in ("validation", "test", "test_long"))


@every_task
def test_neighbouring_seeds_share_no_problems(task):
    # By chance, two sets of 300 such problems share less than one.
    options = task.options(min_length=15, max_length=20)
    drawn = [
        set(inputs(task, seed, options, test_long=0)["train"]) for seed in (41, 42, 43)
    ]
    assert len(drawn[0] & drawn[1]) + len(drawn[1] & drawn[2]) <= 2


@every_task
def test_test_long_is_strictly_longer_than_the_rest(task):
    sizes = SplitSizes(train=100, validation=20, test=50, test_long=100)
    plan = DatasetPlan(task, task.options(), sizes, 0)
    longest, shortest = 0, 10**9
    for split, examples in draw_splits(plan):
        lengths = [example.meta["list_length"] for example in examples]
        if split == "test_long":
            shortest = min(lengths)
        else:
            longest = max(longest, *lengths)
    assert longest <= task.options().max_length < shortest


@pytest.mark.parametrize("name", ["listops", "modular_sum"])
@every_drawing
def test_too_few_problems_are_said_so(name, drawing):
    """Labelled sums stand in so many orders that a test never sees the last one."""
    task = TASKS[name]
    with pytest.raises(
        ExplainError, match="--train 1000000: no problem may occur twice"
    ):
        inputs(
            task,
            options=small(task),
            drawing=drawing,
            train=1_000_000,
            validation=0,
            test=0,
            test_long=0,
        )


def test_a_split_without_rows_needs_no_lengths():
    task = TASKS["listops"]
    options = task.options(max_length=200)
    few = {"train": 5, "validation": 2, "test": 2, "test_long": 0}
    assert "test_long" not in inputs(task, options=options, **few)
    with pytest.raises(ExplainError, match="--test-long-max-length 100"):
        DatasetPlan(task, options, SplitSizes(), 0)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"train": -1}, "--train -1: it must be at least 0"),
        ({"test_long": -1}, "--test-long -1: it must be at least 0"),
        (dict.fromkeys(("train", "validation", "test", "test_long"), 0), "are all 0"),
    ],
)
def test_bad_sizes_are_named_as_typed(sizes, message):
    with pytest.raises(ExplainError, match=message):
        SplitSizes(**sizes)


@every_task
def test_rows_are_verified_by_the_task_they_name(task):
    plan = DatasetPlan(task, task.options(), SplitSizes(), 0)
    _, examples = next(draw_splits(plan))
    for example in islice(examples, 20):
        for form in (example, example.to_row()):
            verdicts = verify_row(form)
            assert list(verdicts) == ["short", "medium", "long"]
            assert all(verdict.valid for verdict in verdicts.values())


def test_a_row_of_no_task_is_an_error():
    with pytest.raises(
        ExplainError, match=r"meta\.task: 'chess' is no task .* listops"
    ):
        verify_row({"instruction": "x", "answer": "1", "meta": {"task": "chess"}})
