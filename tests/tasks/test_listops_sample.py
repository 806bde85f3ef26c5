"""How ListOps problems spread, and which lengths they can have."""

from collections import Counter
from itertools import combinations_with_replacement

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.listops import LISTOPS, ListOpsOptions


def draw(options, count, split="train"):
    return [LISTOPS.problem(options, 3, split, index, 0) for index in range(count)]


def nested(problem):
    """The problem as Python lists, operators as strings."""
    text = " ".join(
        f"['{token[1:]}'," if token.startswith("[") else f"{token},"
        for token in problem.split()
    )
    return eval(text)[0]


def lists_in(tree):
    yield tree
    for argument in tree[1:]:
        if isinstance(argument, list):
            yield from lists_in(argument)


def depth_of(tree):
    return 1 + max(depth_of(a) if isinstance(a, list) else 0 for a in tree[1:])


@pytest.mark.parametrize(
    ("max_depth", "max_args"), [(1, 10), (2, 3), (3, 2), (10, 4), (10, 10)]
)
def test_problems_obey_the_options(max_depth, max_args):
    longest = 12 if max_depth == 1 else 14
    options = ListOpsOptions(
        min_length=4,
        max_length=longest,
        max_depth=max_depth,
        max_args=max_args,
        max_value=29,
        operators=("MIN", "SM"),
    )
    for example in draw(options, 200):
        tree = nested(example.input)
        assert 4 <= len(example.input.split()) <= longest
        assert depth_of(tree) <= max_depth
        for part in lists_in(tree):
            assert 2 <= len(part) - 1 <= max_args
            assert part[0] in ("MIN", "SM")
            assert all(0 <= a <= 29 for a in part[1:] if isinstance(a, int))


def test_meta_says_what_is_counted_in_the_text():
    keys = set()
    for example in draw(ListOpsOptions(), 100):
        meta = example.meta
        assert meta["num_operators"] == example.input.count("[")
        assert meta["list_length"] == 2 * example.input.count("[") + sum(
            token.isdigit() for token in example.input.split()
        )
        assert meta["depth"] == depth_of(nested(example.input))
        lines = example.explanations["short"].splitlines()
        assert meta["operators"] == [line.split()[0] for line in lines]
        keys.add(tuple((key, type(value)) for key, value in meta.items()))
    assert len(keys) == 1


def test_lengths_are_uniform_and_depths_mixed():
    examples = draw(ListOpsOptions(), 3100)
    lengths = Counter(example.meta["list_length"] for example in examples)
    assert set(lengths) == set(range(20, 51))
    # 100 expected of each; five standard deviations of a binomial count.
    assert all(abs(count - 100) < 50 for count in lengths.values())
    for low in (20, 35):
        depths = Counter(
            e.meta["depth"] for e in examples if low <= e.meta["list_length"] < low + 15
        )
        assert sum(share > 0.05 * depths.total() for share in depths.values()) >= 3


def attainable(max_depth, max_args, longest):
    """All lengths, by putting together every choice of arguments."""
    sizes = {1}
    for _ in range(max_depth):
        sizes |= {
            2 + sum(arguments)
            for count in range(2, max_args + 1)
            for arguments in combinations_with_replacement(sorted(sizes), count)
            if 2 + sum(arguments) <= longest
        }
    return sorted(sizes - {1})


@pytest.mark.parametrize(
    ("max_depth", "max_args"), [(1, 4), (2, 2), (3, 2), (2, 3), (4, 3), (3, 4)]
)
def test_lengths_are_all_that_exist(max_depth, max_args):
    expected = attainable(max_depth, max_args, 20)
    options = ListOpsOptions(
        min_length=4, max_length=expected[-1], max_depth=max_depth, max_args=max_args
    )
    assert list(options.lengths("train")) == expected


def test_test_long_is_strictly_longer():
    options = ListOpsOptions(max_length=30, test_long_max_length=40)
    lengths = {e.meta["list_length"] for e in draw(options, 300, "test_long")}
    assert lengths == set(range(31, 41))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_length": 60}, "--min-length 60: it must not be above --max-length"),
        ({"min_length": 3}, "--min-length 3: it must be at least 4; pass 4 or more"),
        ({"max_value": 0}, "--max-value 0: it must be at least 1"),
        ({"modulus": 1}, "--modulus 1: it must be at least 2"),
        ({"max_depth": 0}, "--max-depth 0: it must be at least 1"),
        ({"max_args": 1}, "--max-args 1: it must be at least 2"),
        ({"operators": ("MIN", "AVG")}, "--operators MIN,AVG: 'AVG' is no operator"),
        ({"operators": ("MIN", "MIN")}, "--operators MIN,MIN: one is named twice"),
        ({"operators": ()}, "--operators '': none is named; choose from MIN,MAX"),
        (
            {"max_depth": 1},
            "--max-length 50: with --max-depth 1 and --max-args 10 no problem is "
            "longer than 12; lower it, or raise one of those",
        ),
        (
            {"max_args": 2, "min_length": 23, "max_length": 24},
            "--max-length 24: with --max-depth 10 and --max-args 2 no problem has a "
            "length of 23 to 24",
        ),
        ({"max_length": 10**6}, "--max-length 1000000: lengths end at 10000"),
    ],
)
def test_bad_options_are_named_as_typed(options, message):
    with pytest.raises(ExplainError) as caught:
        ListOpsOptions(**options)
    assert message in str(caught.value)


def test_test_long_must_have_a_range_of_its_own():
    with pytest.raises(ExplainError, match="--test-long-max-length 100: problems of"):
        ListOpsOptions(max_length=100).lengths("test_long")
