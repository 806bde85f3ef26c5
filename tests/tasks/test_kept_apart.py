"""Splits that share no problem in any order; lengths, equal all along a file."""

import hashlib
import json
import re
from collections import Counter
from itertools import combinations, pairwise, product

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks import TASKS
from axolotl_explain.tasks.dataset_plan import DatasetPlan, SplitSizes
from axolotl_explain.tasks.deal_lengths import deal_lengths, rows_of_lengths
from axolotl_explain.tasks.draw_splits import draw_splits
from axolotl_explain.tasks.kept_apart import KeptApart
from axolotl_explain.tasks.listops.expression import order_key
from axolotl_explain.tasks.listops.parse import parse
from axolotl_explain.tasks.owner import SHARES, owner
from axolotl_explain.tasks.write_dataset import write_dataset

NUMBER = re.compile("[0-9]+")
# Few enough problems that a drawing which minds texts alone repeats them.
NEAR = {
    "listops": {"min_length": 4, "max_length": 6, "max_value": 9},
    "modular_sum": {"min_length": 3, "max_length": 5},
    "labelled_sum": {"min_length": 2, "max_length": 4},
}
every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def drawn(task, drawing=2, seed=0, options=None, **sizes):
    """Split -> its examples."""
    sizes = {"validation": 40, "test": 80, "test_long": 0, **sizes}
    options = task.options(**(NEAR[task.name] if options is None else options))
    plan = DatasetPlan(task, options, SplitSizes(**sizes), seed, drawing)
    return {split: list(examples) for split, examples in draw_splits(plan)}


def flattened(problem):
    """The same for problems of equal arguments in any order: brackets, sorted."""
    if not problem.startswith("["):
        lines = problem.split("\n")
        asked = re.fullmatch(r"from ([a-z])(?: to [a-z])?", lines[-1])
        if not asked:
            return sorted(map(int, NUMBER.findall(problem)))
        links = {line.split()[0]: line.split()[1:] for line in lines[:-1]}
        letter, numbers = asked[1], []
        while letter != "end":
            number, letter = links[letter]
            numbers.append(int(number))
        return sorted(numbers)
    text = re.sub(r"\[(\w+) ", r"['\1', ", problem).replace(" ]", "]")
    return settled(eval(re.sub(r"(?<=[\d\]]) ", ", ", text)))


def settled(tree):
    if not isinstance(tree, list):
        return str(tree)
    return f"({tree[0]} {' '.join(sorted(settled(part) for part in tree[1:]))})"


def keys(examples):
    return {str(flattened(example.input)) for example in examples}


@every_task
def test_no_two_splits_share_a_problem_in_any_order(task):
    splits = drawn(task, train=400)
    for one, other in combinations(splits.values(), 2):
        assert not keys(one) & keys(other)
    first = drawn(task, 1, train=400)
    assert keys(first["train"]) & keys(first["test"])


@every_task
def test_files_that_are_generated_apart_stay_apart(task):
    tests = drawn(task, train=0, validation=0)["test"]
    train = drawn(task, train=300, validation=0, test=0)["train"]
    assert not keys(tests) & keys(train)


def test_a_look_up_by_sorted_digits_answers_no_test_row():
    splits = drawn(TASKS["modular_sum"], train=2000, options=NEAR["modular_sum"])
    known = {str(flattened(one.input)): one.answer for one in splits["train"]}
    assert not [one for one in splits["test"] if str(flattened(one.input)) in known]


@every_task
def test_test_problems_are_unlike_each_other_where_there_are_enough(task):
    options = {"min_length": 9, "max_length": 12, "test_long_max_length": 16}
    splits = drawn(task, train=0, options=options, test_long=40)
    for split, examples in splits.items():
        assert len(keys(examples)) == len(examples), split


def test_the_key_of_a_task_is_what_the_order_of_arguments_leaves_alone():
    listops = TASKS["listops"]
    for one, other in pairwise(drawn(listops, train=300)["train"]):
        same = flattened(one.input) == flattened(other.input)
        assert (listops.key_of(one) == listops.key_of(other)) == same
    tokens, turned = parse("[MAX 4 [SM 15 27 ] ]"), parse("[MAX [SM 27 15 ] 4 ]")
    assert order_key(tokens) == order_key(turned)
    assert order_key(tokens) != order_key(parse("[MIN 4 [SM 15 27 ] ]"))


def test_the_shares_are_those_of_a_fair_draw():
    found = Counter(owner(3, "modular_sum", str(n)) for n in range(4000))
    assert all(abs(found[one] / 4000 - part) < 0.02 for one, part in SHARES.items())
    assert owner(3, "modular_sum", "1 + 2 + 9") == owner(3, "modular_sum", "1 + 2 + 9")


def trees(size, depth, options):
    """All ListOps problems of a size, as tokens; recursion without any table."""
    if size == 1:
        yield from ((str(number),) for number in range(options.max_value + 1))
    elif depth and size >= 4:
        for args in range(2, options.max_args + 1):
            for sizes in product(range(1, size - 2), repeat=args):
                if sum(sizes) == size - 2:
                    parts = [list(trees(n, depth - 1, options)) for n in sizes]
                    for operator, chosen in product(options.operators, product(*parts)):
                        inner = [token for part in chosen for token in part]
                        yield (f"[{operator}", *inner, "]")


def test_problems_are_counted_as_enumeration_counts_them():
    listops = TASKS["listops"]
    options = listops.options(
        min_length=4,
        max_length=8,
        max_depth=2,
        max_args=3,
        max_value=1,
        operators=("MIN", "SM"),
    )
    for length in range(4, 9):
        found = list(trees(length, 2, options))
        assert listops.count(options, length) == (
            len(found),
            len({order_key(tokens) for tokens in found}),
        )
    sums = TASKS["modular_sum"]
    found = list(product(range(3), repeat=4))
    unlike = len({tuple(sorted(one)) for one in found})
    assert sums.count(sums.options(max_value=2), 4) == (len(found), unlike)


@every_task
def test_every_part_of_a_file_has_the_same_lengths(task):
    options = {"min_length": 8, "max_length": 13, "test_long_max_length": 16}
    rows = drawn(task, train=240, validation=0, test=60, options=options)
    for examples in rows.values():
        lengths = [example.meta["list_length"] for example in examples]
        for start in range(0, len(lengths), 30):
            found = Counter(lengths[start : start + 30])
            assert set(found.values()) == {5}


def test_a_length_with_too_few_problems_is_short_all_along_the_file():
    wanted = rows_of_lengths({4: 30, 5: 500, 6: 500}, 330)
    assert wanted == {4: 30, 5: 150, 6: 150}
    dealt = deal_lengths(wanted, "any")
    lengths = [next(dealt) for _ in range(330)]
    assert Counter(lengths) == wanted
    for start in range(0, 330, 110):
        found = Counter(lengths[start : start + 110])
        assert abs(found[4] - 10) <= 1
        assert abs(found[5] - found[6]) <= 1


def told(tmp_path, task, drawing=2, **options):
    task = TASKS[task]
    sizes = SplitSizes(train=300, validation=20, test=30, test_long=0)
    plan = DatasetPlan(task, task.options(**options), sizes, 0, drawing)
    summaries = write_dataset(plan, tmp_path / "data")
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text())
    return KeptApart.of(plan, summaries).lines(), manifest


def test_what_was_kept_apart_is_told(tmp_path):
    lines, manifest = told(tmp_path, "modular_sum", min_length=5, max_length=8)
    assert lines == ["No two splits share a problem, in any order of its arguments."]
    assert manifest["kept_apart"] == "up to the order of arguments"
    assert manifest["too_few_to_keep_apart"] == {}
    assert manifest["files"]["test.jsonl"]["unlike"] == 30


def test_what_only_the_first_drawing_keeps_apart_is_told(tmp_path):
    lines, manifest = told(tmp_path, "modular_sum", drawing=1)
    assert lines[0].startswith("No two splits share a text, but the same problem may")
    assert (manifest["drawing"], manifest["kept_apart"]) == (1, "equal texts only")


def test_lengths_with_too_few_problems_are_told(tmp_path):
    lines, manifest = told(
        tmp_path, "labelled_sum", max_value=3, min_length=2, max_length=5
    )
    assert lines == [
        "No two splits share a problem, in any order of its arguments; but for "
        "list_length 2 (only 10 up to order), 3 (only 20 up to order), 4 (only 35 up "
        "to order): there texts differ."
    ]
    assert manifest["too_few_to_keep_apart"] == {"2": 10, "3": 20, "4": 35}


def test_where_no_length_has_enough_problems_that_is_told(tmp_path):
    lines, manifest = told(
        tmp_path, "labelled_sum", max_value=1, min_length=2, max_length=3
    )
    assert lines[0].startswith("No two splits share a text. To keep them apart in any")
    assert "list_length 2 (only 3 up to order), 3 (only 4 up to order)." in lines[0]
    assert manifest["kept_apart"] == "equal texts only"


def test_lengths_that_could_not_have_their_share_are_told(tmp_path):
    lines, manifest = told(tmp_path, "modular_sum", min_length=2, max_length=4)
    short = manifest["too_few_for_equal_lengths"]["train"]["2"]
    rows = [
        json.loads(line)["meta"]["list_length"]
        for line in (tmp_path / "data" / "train.jsonl").read_text().splitlines()
    ]
    assert short == rows.count(2) < 77
    rest = f"has too few problems for its share: {short} rows instead of "
    assert f"train: list_length 2 {rest}{rows.count(4)}." in lines


def test_a_drawing_that_is_unknown_is_an_error():
    task = TASKS["modular_sum"]
    with pytest.raises(ExplainError, match="--drawing 3: problems are drawn in the"):
        DatasetPlan(task, task.options(), SplitSizes(), 0, 3)


FIRST = {
    "listops": "d85d2a2f7f77f55a",
    "modular_sum": "7431893f10868d4a",
    "labelled_sum": "8eeacf0518b65e9a",
}
SECOND = {
    "listops": "47234dd4e857e162",
    "modular_sum": "64e9619e1bd249ce",
    "labelled_sum": "c9edb5bb54efdd80",
}


@every_task
@pytest.mark.parametrize(("drawing", "pinned"), [(1, FIRST), (2, SECOND)])
def test_a_drawing_gives_the_same_rows_in_every_version(task, drawing, pinned):
    rows = drawn(task, drawing, train=30, validation=5, test=5, test_long=5, options={})
    text = json.dumps([[one.to_row() for one in found] for found in rows.values()])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == pinned[task.name]
