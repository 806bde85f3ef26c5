"""Right derivations, written by other code than the package's, in many notations."""

from __future__ import annotations

import re
from random import Random

NUMBER = re.compile("[0-9]+")
PREFIXES = ("", "- ", "* ", "• ", "{n}. ", "{n}) ", "({n}) ", "Step {n}: ")
ARROWS = ("->", "→", "=>", "⇒", "=", "⟶")


def notated(lines: list[str], rng: Random) -> str:
    """The same steps with other signs."""
    prefix, arrow = rng.choice(PREFIXES), rng.choice(ARROWS)
    stop, bold = rng.choice(("", ".")), rng.choice(("", "**"))
    written = [
        prefix.format(n=number)
        + bold
        + line.rstrip(".").replace("->", arrow)
        + stop
        + bold
        for number, line in enumerate(lines, start=1)
    ]
    return rng.choice(("\n", "\n\n", " \r\n")).join(written)


def sum_of_two(left: int, right: int, rng: Random) -> str:
    one, other = rng.sample((left, right), 2)
    return f"{one} + {other} = {left + right}"


def sum_lines(addends: list[int], modulus: int, level: str, rng: Random) -> list[str]:
    """Any two numbers that are there, again and again; at short, from left to right."""
    if level == "short":
        return [str(sum(addends[:n]) % modulus) for n in range(2, len(addends) + 1)]
    there, lines = list(addends), []
    while len(there) > 1:
        rng.shuffle(there)
        left, right = there.pop(), there.pop()
        total = left + right
        there.append(total % modulus)
        equation = sum_of_two(left, right, rng)
        if level == "medium":
            lines.append(f"{equation} -> {total % modulus}")
        else:
            one, other = rng.sample((left, right), 2)
            lines.append(
                f"Add {one} to {other}: {equation}, and {total} modulo {modulus} is "
                f"{total % modulus}."
            )
    return lines


def labelled_lines(
    addends: dict[str, int], modulus: int, level: str, rng: Random
) -> list[str]:
    """The letters in any order."""
    letters = rng.sample(list(addends), len(addends))
    so_far = addends[letters[0]]
    start = f"Start with {letters[0]}, which is {so_far}."
    lines = [start if level == "long" else f"{letters[0]} {so_far}"]
    for letter in letters[1:]:
        value, before = addends[letter], so_far
        total = value + before
        so_far = total % modulus
        equation = sum_of_two(value, before, rng)
        lines.append(
            {
                "short": f"{letter} {so_far}",
                "medium": f"{letter} {equation} -> {so_far}",
                "long": f"Take {letter}, which is {value}: {equation}, and {total} "
                f"modulo {modulus} is {so_far}.",
            }[level]
        )
    return lines


Tree = list  # ["MAX", 4, ["MIN", 3, 7]]


def tree_of(problem: str) -> Tree:
    """A ListOps problem as nested lists."""
    text = re.sub(r"\[(\w+) ", r"['\1', ", problem).replace(" ]", "]")
    return eval(re.sub(r"(?<=[\d\]]) ", ", ", text))


def lists_in(tree: Tree) -> list[Tree]:
    """All lists, inner ones first."""
    inner = [part for part in tree[1:] if isinstance(part, list)]
    return [found for part in inner for found in lists_in(part)] + [tree]


def value(tree: Tree | int, modulus: int) -> int:
    if isinstance(tree, int):
        return tree
    numbers = sorted(value(part, modulus) for part in tree[1:])
    half = len(numbers) // 2
    return {
        "MIN": numbers[0],
        "MAX": numbers[-1],
        "MED": (numbers[half] + numbers[-half - 1]) // 2,
        "SM": sum(numbers) % modulus,
    }[tree[0]]


def any_order(tree: Tree, rng: Random) -> list[Tree]:
    """The lists of a problem in a random order in which inner ones come first."""
    waiting, order, done = lists_in(tree), [], set()
    while waiting:
        ready = [
            one
            for one in waiting
            if all(id(part) in done for part in one[1:] if isinstance(part, list))
        ]
        chosen = rng.choice(ready)
        waiting = [one for one in waiting if one is not chosen]
        order.append(chosen)
        done.add(id(chosen))
    return order


def listops_line(tree: Tree, modulus: int, level: str, rng: Random) -> str:
    """One step, its arguments in any order."""
    operator, result = tree[0], value(tree, modulus)
    numbers = [value(part, modulus) for part in tree[1:]]
    rng.shuffle(numbers)
    listed, ordered = ", ".join(map(str, numbers)), sorted(numbers)
    in_order = ", ".join(map(str, ordered))
    if level == "short":
        return f"{operator} {result}"
    if level == "medium":
        between = {"MED": f"sorted {in_order} -> ", "SM": f"sum {sum(numbers)} -> "}
        return f"{operator} {listed} -> {between.get(operator, '')}{result}"
    if operator == "SM":
        there, sums = list(numbers), []
        while len(there) > 1:
            left, right = there.pop(), there.pop()
            sums.append(sum_of_two(left, right, rng))
            there.append(left + right)
            rng.shuffle(there)
        steps = ", ".join(sums)
        total = sum(numbers)
        return f"SM adds {listed}: {steps}, and {total} modulo {modulus} is {result}."
    if operator == "MED":
        half = len(ordered) // 2
        middle = "the middle number is"
        if len(ordered) % 2 == 0:
            left, right = rng.sample((ordered[half - 1], ordered[half]), 2)
            middle = (
                f"the two middle numbers are {left} and {right}, their sum is "
                f"{left + right} and their truncated mean is"
            )
        return f"MED sorts {listed} into {in_order}; {middle} {result}."
    word = {"MIN": "smallest", "MAX": "largest"}[operator]
    return f"{operator} takes the {word} of {listed}, which is {result}."


def listops_lines(problem: str, modulus: int, level: str, rng: Random) -> list[str]:
    """Operators in any order that goes from the inside out."""
    order = any_order(tree_of(problem), rng)
    return [listops_line(one, modulus, level, rng) for one in order]


def can_be_ordered(labels: list[tuple[str, int]], tree: Tree, modulus: int) -> bool:
    """Whether short steps come in a right order: every way to understand them tried."""
    nodes = lists_in(tree)
    places = {id(one): place for place, one in enumerate(nodes)}
    inner = [
        {places[id(part)] for part in one[1:] if isinstance(part, list)}
        for one in nodes
    ]
    named = [(one[0], value(one, modulus)) for one in nodes]

    def goes(number: int, done: frozenset[int]) -> bool:
        if number == len(labels):
            return len(done) == len(nodes)
        return any(
            named[place] == labels[number]
            and inner[place] <= done
            and goes(number + 1, done | {place})
            for place in range(len(nodes))
            if place not in done
        )

    return goes(0, frozenset())
