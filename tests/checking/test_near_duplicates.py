"""Nearly equal texts are found as a comparison of all pairs finds them."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest

from axolotl_explain.checking.near_duplicates import FEWEST, SIMILAR, NearDuplicateIndex
from axolotl_explain.checking.shingles import shingles

WORDS = [f"{a}{b}{c}" for a in "bdgklm" for b in "aeiou" for c in "nrst"]


def triples(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def alike(one: str, other: str) -> float:
    left, right = triples(one), triples(other)
    return len(left & right) / max(1, len(left | right))


def pairs_of(texts: list[str]) -> set[tuple[int, int]]:
    index = NearDuplicateIndex()
    index.add(texts[:7])
    index.add(texts[7:])
    return {(int(first), int(later)) for first, later in index.pairs()}


def originals_and_changed(seed: int) -> list[str]:
    """60 texts of 40 words, and each again with nought to six words changed."""
    draw = random.Random(seed)
    originals = [draw.choices(WORDS, k=40) for _ in range(60)]
    changed = []
    for number, words in enumerate(originals):
        copy = list(words)
        for place in draw.sample(range(40), number % 7):
            copy[place] = draw.choice(WORDS)
        changed.append(copy)
    return [" ".join(words) for words in originals + changed]


@pytest.mark.parametrize("seed", range(5))
def test_the_pairs_are_those_of_a_comparison_of_all(seed: int) -> None:
    texts = originals_and_changed(seed)
    numbered = list(enumerate(texts))
    share = {
        (at, to): alike(one, other)
        for (at, one), (to, other) in combinations(numbered, 2)
    }
    found = pairs_of(texts)
    assert found <= {pair for pair, value in share.items() if value >= SIMILAR}
    assert found >= {pair for pair, value in share.items() if value >= 0.95}
    near = {pair for pair, value in share.items() if value >= SIMILAR}
    assert len(near) > 10
    assert len(found) >= 0.9 * len(near)


def test_what_all_rows_share_makes_none_alike() -> None:
    draw = random.Random(3)
    told = " ".join(draw.choices(WORDS, k=60))
    own = [" ".join(draw.choices(WORDS, k=12)) for _ in range(40)]
    assert alike(f"{told} {own[0]}", f"{told} {own[1]}") > 0.6
    assert pairs_of([f"{told} {text}" for text in own]) == set()


def test_texts_of_few_words_are_not_compared() -> None:
    text = " ".join(WORDS[: FEWEST + 1])
    assert pairs_of([text, text]) == set()
    text = " ".join(WORDS[: FEWEST + 2])
    assert pairs_of([text, text]) == {(0, 1)}


def test_case_punctuation_and_line_breaks_do_not_matter() -> None:
    words = WORDS[:20]
    assert pairs_of([" ".join(words), ".\n".join(words).upper()]) == {(0, 1)}


def test_scripts_without_spaces_are_compared_by_character() -> None:
    text = "彼は朝早く市場へ行って新しい魚と野菜を買った"
    assert pairs_of(
        [text, text[:-1] + "う", "全然別の話をここに長く書いてみることにした"]
    ) == {(0, 1)}


def test_shingles_stay_within_their_text() -> None:
    found = shingles(["one two three four", "", "one two", "one two three"])
    assert found.rows.tolist() == [0, 0, 3]
    assert found.hashes[0] == found.hashes[2] != found.hashes[1]


def test_no_text_has_no_pairs() -> None:
    assert pairs_of([]) == set()
    assert pairs_of(["", "?!"]) == set()
