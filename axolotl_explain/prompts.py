"""The instruction template: texts of an example -> the prompt, in sandboxed jinja2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from axolotl_explain.errors import ExplainError
from axolotl_explain.example import Example
from axolotl_explain.formats import with_request
from axolotl_explain.levels import Level

DEFAULT_TEMPLATE = """\
### Instruction:
{{ instruction }}
{% if input %}

### Input:
{{ input }}
{% endif %}

### Response:
"""
"""The headings that instruction-tuned models since Alpaca have been trained with."""

TEMPLATE_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a user's template can raise while it renders."""


def instruct_prompt(
    example: Example,
    level: Level,
    template: str | None,
    requests: Mapping[Level, str] | None,
) -> str:
    """The prompt of an example.

    Args:
        template: None for the default one.
        requests: level -> what the prompt says to ask for it; None to say nothing.

    Raises:
        ExplainError: as `render` does.
    """
    variables = {
        "instruction": with_request(example.instruction, level, requests),
        "input": example.input,
        "id": example.id,
        "meta": example.meta,
    }
    return render(template or DEFAULT_TEMPLATE, variables)


@lru_cache(maxsize=64)
def compile_template(source: str) -> Template:
    """Compile a template in a sandbox that can neither reach Python nor change data.

    Raises:
        ExplainError: if the template has a syntax error, with its line.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    try:
        return environment.from_string(source)
    except TemplateError as error:
        line = getattr(error, "lineno", "?")
        raise ExplainError(f"explain.template: line {line}: {error}.") from None


def render(source: str, variables: Mapping[str, Any]) -> str:
    """Fill in a template.

    Raises:
        ExplainError: if it names what is not there or does what the sandbox forbids.
    """
    template = compile_template(source)
    try:
        return template.render(variables)
    except TEMPLATE_ERRORS as error:
        raise ExplainError(
            f"explain.template: {error}; known names are {', '.join(variables)}."
        ) from None
