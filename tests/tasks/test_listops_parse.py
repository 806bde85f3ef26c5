"""Reading ListOps problems in all spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.listops.parse import parse, spell

NAMES = {
    "MIN": ["MIN"],
    "MAX": ["MAX"],
    "MED": ["MED", "MEDIAN"],
    "SM": ["SM", "SUM", "SUM_MOD"],
}
TREES = st.recursive(
    st.integers(0, 99),
    lambda arguments: st.tuples(
        st.sampled_from(list(NAMES)), st.lists(arguments, min_size=1, max_size=4)
    ),
    max_leaves=12,
).filter(lambda tree: not isinstance(tree, int))


def plain(tree):
    if isinstance(tree, int):
        return str(tree)
    return f"[{tree[0]} {' '.join(plain(argument) for argument in tree[1])} ]"


def parenthesised(tree, name):
    """As Long Range Arena's generator prints the binary tree of applications."""
    if isinstance(tree, int):
        return str(tree)
    text = f"[{name(tree[0])}"
    for argument in tree[1]:
        text = f"( {text} {parenthesised(argument, name)} )"
    return f"( {text} ] )"


@given(TREES, st.data())
def test_every_spelling_is_read_as_the_same_problem(tree, data):
    wanted = plain(tree)
    spelled = parenthesised(tree, lambda name: data.draw(st.sampled_from(NAMES[name])))
    bare = spelled.replace("( ", "").replace(" )", "")
    tight = wanted.replace(" ]", "]")
    assert {spell(parse(text)) for text in (wanted, spelled, bare, tight)} == {wanted}


def test_the_spelling_of_long_range_arena():
    text = "( ( ( [MAX 4 ) ( ( ( [MIN 3 ) 7 ) ] ) ) ] )"
    assert spell(parse(text)) == "[MAX 4 [MIN 3 7 ] ]"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "the problem is empty"),
        ("( )", "the problem is empty"),
        ("7", "starts with an operator"),
        ("[MAX 4 [MIN 3 7 ]", "brackets left open at the end: 1"),
        ("[MAX 4 7 ] ]", "token 5, ']': the problem ends before"),
        ("] [MAX 4 7 ]", "token 1, ']': this bracket closes nothing"),
        ("( [MAX 4 7 ]", "parentheses left open at the end: 1"),
        ("[MAX 4 7 ] )", "token 5, ')': this parenthesis closes nothing"),
        ("[MAX 4 7 ] and more", "token 5, 'and': the problem ends before"),
        ("[AVG 4 7 ]", "token 1, '[AVG': no such operator; known are [MIN"),
        ("[ 4 7 ]", "no such operator"),
        ("[MAX ]", "this operator has no arguments"),
        ("[MAX 4 [MIN ] ]", "token 4, ']': this operator has no arguments"),
        ("[MAX 4 7x ]", "token 3, '7x': neither an operator, a whole number"),
        ("[MAX 4 -7 ]", "neither an operator, a whole number"),
        ("[MAX 4 ٣ ]", "neither an operator, a whole number"),
        (f"[MAX 4 {'9' * 5000} ]", "neither an operator, a whole number"),
        ("MAX 4 7", "neither an operator, a whole number"),
    ],
)
def test_what_is_malformed_is_named(text, rule):
    with pytest.raises(ExplainError) as caught:
        parse(text)
    assert rule in str(caught.value)


@given(st.text(alphabet="[]() MAXINEDSU_0123456789", max_size=60))
def test_any_text_is_read_or_is_an_explain_error(text):
    try:
        tokens = parse(text)
    except ExplainError:
        return
    assert parse(spell(tokens)) == tokens


def test_deep_nesting_meets_no_recursion_limit():
    text = "( [MAX 1 " * 50_000 + "2" + " ] )" * 50_000
    assert len(parse(text)) == 3 * 50_000 + 1
