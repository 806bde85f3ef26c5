"""The instruction template: texts of an example -> the prompt, in sandboxed jinja2."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import with_request

DEFAULT_TEMPLATE = """\
{% if system %}
{{ system }}

{% endif %}
{% for turn in history %}
### {{ "Instruction" if turn.role == "user" else "Response" }}:
{{ turn.content }}

{% endfor %}
### Instruction:
{{ instruction }}
{% if input %}

### Input:
{{ input }}
{% endif %}

### Response:
"""
"""The headings that instruction-tuned models since Alpaca have been trained with."""

DEFAULT_SOURCE = (
    "{{ system + '\\n' if system else '' }}"
    "{% for turn in history %}{{ turn.content + '\\n' }}{% endfor %}"
    "{{ instruction }}{{ '\\n' + input if input else '' }}"
)
"""For encoder–decoder models, which know where a prompt ends without headings."""

TEMPLATE_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a user's template can raise while it renders."""


def names_of(example: Example) -> dict[str, Any]:
    """What a template can name."""
    return {
        "instruction": example.instruction,
        "input": example.input,
        "id": example.id,
        "meta": example.meta,
        "system": example.system,
        "history": [turn.to_dict() for turn in example.history],
    }


def written_prompt(
    template: str, example: Example, level: Level, requests: Mapping[Level, str]
) -> str:
    """The prompt of an example.

    Args:
        requests: level -> what the prompt says to ask for it, where it says anything.

    Raises:
        ExplainError: as `render` does.
    """
    asked = with_request(example.instruction, level, requests)
    return render(template, {**names_of(example), "instruction": asked})


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates that reach neither Python nor data, nor grow without bound.

    `'a' * 10 ** 10` and `9 ** 9 ** 9` are operators, which jinja's sandbox lets pass.
    """

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Carry the operator out where its result is of a sensible size."""
        if not _sensible(operator, left, right):
            raise SecurityError(
                f"{quoted(left)} {operator} {quoted(right)} is too large"
            )
        return super().call_binop(context, operator, left, right)


MOST, MOST_POWER, MOST_ITEMS = 10**12, 1_000, 10**6


def _sensible(operator: str, left: Any, right: Any) -> bool:
    numbers = [one for one in (left, right) if isinstance(one, int | float)]
    if len(numbers) == 2:
        bound = MOST if operator == "*" else MOST_POWER
        return all(abs(number) <= bound for number in numbers)
    items = [one for one in (left, right) if isinstance(one, Sized)]
    return len(items) == len(numbers) == 1 and len(items[0]) * numbers[0] <= MOST_ITEMS


@lru_cache(maxsize=64)
def compile_template(source: str, where: str = "explain.template") -> Template:
    """Compile a template in a sandbox that can neither reach Python nor change data.

    Args:
        where: the key path of the template, for errors.

    Raises:
        ExplainError: if the template has a syntax error, with its line.
    """
    environment = Sandbox(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=lambda value: "" if value is None else value,
    )
    try:
        return environment.from_string(source)
    except TemplateError as error:
        line = getattr(error, "lineno", "?")
        raise ExplainError(f"{where}: line {line}: {error}.") from None


def names_in(source: str) -> set[str]:
    """The names that a template reads.

    >>> sorted(names_in("{{ instruction }} {% if input %}{{ meta.year }}{% endif %}"))
    ['input', 'instruction', 'meta']
    """
    return find_undeclared_variables(Environment().parse(source))


def render(
    source: str, variables: Mapping[str, Any], where: str = "explain.template"
) -> str:
    """Fill in a template; what is None in the data is written as nothing.

    Raises:
        ExplainError: if it names what is not there or does what the sandbox forbids.
    """
    template = compile_template(source, where)
    try:
        return template.render(variables)
    except TEMPLATE_ERRORS as error:
        raise ExplainError(
            f"{where}: {error}; known names are {', '.join(variables)}."
        ) from None
