"""Numbers and facts as the page says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from axolotl_explain.report.arms import Arm
from axolotl_explain.report.chart import named
from axolotl_explain.report.choose_level import Choice, Option, choose
from axolotl_explain.report.run_results import Run
from axolotl_explain.results.lenient import mapping

MISSING = "–"


def share(value: float | None) -> str:
    """A share in percent, without the sign.

    >>> share(0.5904), share(None)
    ('59.0', '–')
    """
    return MISSING if value is None else f"{100 * value:.1f}"


def number(value: float | None) -> str:
    """A count with separators, or a mean with one digit.

    >>> number(19200), number(44.348), number(None)
    ('19,200', '44.3', '–')
    """
    if value is None:
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def choices(arms: Sequence[Arm], names: dict[str, str]) -> list[tuple[str, Choice]]:
    """A choice for each setting and data file, with the words that name it."""
    places = dict.fromkeys((arm.setting, arm.data) for arm in arms if arm.trained)
    found = []
    for setting, data in places:
        here = [
            arm
            for arm in arms
            if arm.trained and (arm.setting, arm.data) == (setting, data)
        ]
        before = [
            arm
            for arm in arms
            if not arm.trained
            and (arm.base_model, arm.data) == (here[0].base_model, data)
        ]
        model = model_name(here[0].members[0].run)
        name = named(model, setting, f"on {names[data]}")
        options = [option(arm) for arm in here]
        found.append((name, choose(options, [option(arm) for arm in before])))
    return found


def option(arm: Arm) -> Option:
    """An arm as an option to choose."""
    low, high = arm.interval
    return Option(arm.level, arm.share, low, high, arm.rows, arm.seeds, arm.tokens)


def model_name(run: Run) -> str:
    """The base model, with its size where that is known.

    One made from scratch lies in a folder for each seed of its weights, so its kind
    stands for it.
    """
    made = mapping(mapping(run.recipe.get("scratch_model")).get("config"))
    kind = made.get("model_type")
    name = f"{kind} from scratch" if kind else run.base_model or "the model"
    size = run.num_parameters
    return name if size is None else f"{name} ({parameters(size)} parameters)"


def parameters(count: int) -> str:
    """A number of parameters as people say it.

    >>> parameters(474_496), parameters(8_190_735_360)
    ('0.47 M', '8.2 B')
    """
    if count >= 1e9:
        return f"{count / 1e9:.3g} B" if count >= 1e10 else f"{count / 1e9:.2g} B"
    return f"{count / 1e6:.2g} M" if count < 1e8 else f"{count / 1e6:.0f} M"


def versions(runs: Iterable[Run]) -> dict[str, str]:
    """Package -> version, or all versions where runs differ."""
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for package, version in run.versions.items():
            found.setdefault(package, {})[version] = None
    return {package: ", ".join(each) for package, each in found.items()}
