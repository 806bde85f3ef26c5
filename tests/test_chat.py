"""`type: axolotl_explain.chat` inside Axolotl."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axolotl.utils.chat_templates import get_chat_template
from axolotl.utils.schemas.enums import ChatTemplate
from transformers import AddedToken, AutoTokenizer

from axolotl_explain import ExplainError
from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.reply import explanation_of
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import judge
from axolotl_explain.tokens.encoder import decoded
from tests.fixtures.bench import (
    Bench,
    encoded_text,
    entry,
    refusal,
    sum_row,
    training_row,
)
from tests.fixtures.tokenizers import Kind, make_kind

pytestmark = pytest.mark.usefixtures("fresh_process")

QUESTION = "Add the two numbers.\n\n4 7"
EXPLANATION = "Start at 4. Go up by 7. That is 11."
TARGET = f"{EXPLANATION}\nFinal answer: 11"
ROW = sum_row(1)
SHIPPED = sorted(
    template.value
    for template in ChatTemplate
    if template.value not in ("jinja", "tokenizer_default")
)
REFUSED = {"gemma4", "gemma4_unified"}
"""Templates that write what the model says differently once it has answered."""
BOS = {"bos_token": "<|im_start|>"}


@pytest.mark.parametrize("system", [None, "Be exact."])
def test_the_prompt_in_training_is_the_prompt_in_generation(
    bench: Bench, kind: Kind, system: str | None
) -> None:
    path = bench.rows([ROW])
    prepared = bench.prepare(
        kind.tokenizer,
        datasets=[entry(path, "chat", explain={"system": system} if system else {})],
        **kind.keys,
    )
    ((ids, labels),) = prepared.rows
    prompt = ids[: labels.count(-100)]
    strategy = bench.strategy(
        kind.tokenizer,
        datasets=[entry(path, "chat", explain={"system": system} if system else {})],
        **kind.keys,
    )
    assert prompt == strategy.formatter.prompts([training_row(ROW)])[0]
    assert prompt == kind.chat_ids(QUESTION, system)


def test_the_target_and_the_end_of_the_turn_are_trained(
    bench: Bench, kind: Kind
) -> None:
    prepared = bench.wrap(
        kind.tokenizer, datasets=[entry(bench.rows([ROW]), "chat")], **kind.keys
    )
    ((ids, labels),) = prepared.rows
    prompt = kind.chat_ids(QUESTION, None)
    assert labels == [-100] * len(prompt) + ids[len(prompt) :]
    assert labels[-1] == kind.tokenizer.eos_token_id
    answer = kind.tokenizer.decode(labels[len(prompt) :], skip_special_tokens=True)
    assert answer.strip() == TARGET


def test_generation_stops_at_the_token_that_training_ends_with(
    bench: Bench, kind: Kind
) -> None:
    strategy = bench.strategy(
        kind.tokenizer, datasets=[entry(bench.rows([ROW]), "chat")], **kind.keys
    )
    ((_, target),) = strategy.formatter.encode([training_row(ROW)])
    assert target.ids[-1] in strategy.formatter.stop_ids


def formatter_of(bench: Bench, name: str) -> Any:
    """With the template's end of turn as a token, as the error asks for it."""
    keys: dict[str, Any] = {
        "datasets": [entry(bench.rows([ROW]), "chat")],
        "chat_template": name,
        "special_tokens": BOS,
    }
    try:
        return bench.strategy(**keys).formatter
    except ExplainError as error:
        message = str(error)
    found = re.search(r"is no token of this tokenizer.* tokens: \['(.+)'\]", message)
    assert found is not None, message
    return bench.strategy(**keys, tokens=[found[1].replace("\\n", "\n")]).formatter


@pytest.mark.parametrize("name", SHIPPED)
def test_every_template_axolotl_ships_keeps_the_promise_or_is_refused(
    bench: Bench, name: str
) -> None:
    formatter = formatter_of(bench, name)
    if name in REFUSED:
        message = refusal(formatter.encode, [training_row(ROW)])
        assert "writes a conversation differently once it is answered" in message
        return
    ((prompt, target),) = formatter.encode([training_row(ROW)])
    assert prompt == formatter.tokenizer.apply_chat_template(
        [{"role": "user", "content": QUESTION}],
        chat_template=get_chat_template(name),
        add_generation_prompt=True,
        return_dict=False,
    )
    assert prompt == formatter.prompts([training_row(ROW)])[0]
    text = formatter.tokenizer.decode(target.ids)
    assert TARGET in text
    assert len(text) > len(TARGET)


@pytest.mark.parametrize("name", ["qwen3", "qwen3_5"])
def test_thinking_puts_the_explanation_into_the_reasoning_field(
    bench: Bench, name: str
) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"thinking": True})],
        chat_template=name,
    )
    prompt, target = encoded_text(strategy, ROW, "long")
    assert prompt.endswith("<think>\n\n")
    assert target == f"{EXPLANATION}\n</think>\n\nFinal answer: 11<|im_end|>"


QWEN = """\
{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' %}<think>
{{ m.reasoning_content }}
</think>

{% endif %}{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""As the tokenizers of Qwen3 write it: the model opens the reasoning field itself."""


def test_thinking_opens_the_reasoning_field_where_the_prompt_does_not(
    bench: Bench,
) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"thinking": True})],
        chat_template="jinja",
        chat_template_jinja=QWEN,
    )
    prompt, target = encoded_text(strategy, ROW, "long")
    assert prompt.endswith("<|im_end|>\n<|im_start|>assistant\n")
    assert target == f"<think>\n{EXPLANATION}\n</think>\n\nFinal answer: 11<|im_end|>"


def test_thinking_at_level_none_trains_an_empty_reasoning_field(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"thinking": True})],
        chat_template="qwen3",
    )
    _, target = encoded_text(strategy, ROW, "none")
    assert target == "</think>\n\nFinal answer: 11<|im_end|>"


def test_thinking_is_refused_where_the_template_would_lose_it(bench: Bench) -> None:
    message = refusal(
        bench.strategy,
        datasets=[entry(bench.rows([ROW]), "chat", explain={"thinking": True})],
        chat_template="chatml",
    )
    assert message.startswith("explain.thinking: the chat template does not write")


def test_thinking_is_refused_with_mistral_common(
    bench: Bench, tiny_model: Path
) -> None:
    kind = make_kind("tekken", tiny_model)
    message = refusal(
        bench.strategy,
        kind.tokenizer,
        datasets=[entry(bench.rows([ROW]), "chat", explain={"thinking": True})],
        **kind.keys,
    )
    assert message.startswith("explain.thinking: mistral_common")


def test_a_template_that_knows_no_system_role_says_so(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"system": "Be exact."})],
        chat_template="gemma",
        special_tokens=BOS,
        tokens=["<end_of_turn>"],
    )
    message = refusal(strategy.formatter.encode, [training_row(ROW)])
    assert message.startswith(
        "the chat template refuses a conversation of system, user: "
        "System role not supported;"
    )


def test_template_keys_of_the_recipe_reach_the_template(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat")],
        chat_template="qwen3",
        chat_template_kwargs={"enable_thinking": False},
    )
    prompt, target = encoded_text(strategy, ROW, "long")
    assert prompt.endswith("<think>\n\n</think>\n\n")
    assert target == f"{TARGET}<|im_end|>"


def test_a_template_of_the_dataset_goes_before_that_of_the_recipe(
    bench: Bench,
) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", chat_template="phi_3")],
        chat_template="chatml",
        tokens=["<|end|>"],
    )
    prompt, target = encoded_text(strategy, ROW, "long")
    assert prompt == f"<|user|>\n{QUESTION}<|end|>\n<|assistant|>\n"
    assert target == f"{TARGET}<|end|>"


def test_the_explanation_may_follow_the_answer(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"order": "answer_first"})]
    )
    _, target = encoded_text(strategy, ROW, "long")
    assert target == f"Final answer: 11\n{EXPLANATION}<|im_end|>"


def test_the_user_is_asked_for_the_level_where_several_are_trained(
    bench: Bench,
) -> None:
    prepared = bench.wrap(
        datasets=[entry(bench.rows([ROW]), "chat", explain={"level": "all"})]
    )
    asked = [prompt.split("\n")[2] for prompt, _ in prepared.texts]
    assert asked == [
        "Give the answer alone, without an explanation.",
        "Give a short explanation with the answer.",
        "Give an explanation of medium length with the answer.",
        "Give a long explanation, with every step, and the answer.",
    ]


def test_an_answer_the_template_would_change_is_refused(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows([ROW]), "chat")],
        chat_template="jinja",
        chat_template_jinja="{% for m in messages %}{{ m.content | upper }}\n"
        "{% endfor %}",
    )
    with pytest.raises(ExplainError, match="answer: the chat template does not write"):
        strategy.formatter.encode([training_row({**ROW, "answer": "eleven"})])


def test_a_template_cannot_reach_python(bench: Bench) -> None:
    message = refusal(
        bench.strategy,
        datasets=[entry(bench.rows([ROW]), "chat")],
        chat_template="jinja",
        chat_template_jinja="{{ ''.__class__.__mro__ }}{{ messages[0].content }}",
    )
    assert "unsafe" in message


R1 = """\
{% for m in messages %}{% if m.role == 'assistant' %}<|im_start|>assistant
{{ m.content.split('</think>')[-1] }}<|im_end|>
{% else %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
<think>
{% endif %}"""
"""As DeepSeek-R1's: the prompt opens thoughts that an answered conversation lacks."""


def jinja(template: str, **explain: Any) -> dict[str, Any]:
    """Keys of a recipe with a template of one's own."""
    return {
        "chat_template": "jinja",
        "chat_template_jinja": template,
        "explain": {"level": "long", **explain},
    }


@pytest.mark.parametrize(
    ("thinking", "level", "target"),
    [
        (True, "long", f"{EXPLANATION}\n</think>\n\nFinal answer: 11<|im_end|>"),
        (True, "none", "\n</think>\n\nFinal answer: 11<|im_end|>"),
        (False, "long", f"\n</think>\n\n{TARGET}<|im_end|>"),
        (False, "none", "\n</think>\n\nFinal answer: 11<|im_end|>"),
    ],
)
def test_thoughts_that_the_prompt_opens_end_before_the_answer(
    bench: Bench, thinking: bool, level: Any, target: str
) -> None:
    datasets = [entry(bench.rows([ROW]), "chat")]
    strategy = bench.strategy(datasets=datasets, **jinja(R1, thinking=thinking))
    formatter = strategy.formatter
    prompt, written = encoded_text(strategy, ROW, level)
    assert prompt == formatter.tokenizer.decode(
        formatter.prompts([training_row(ROW, level)])[0]
    )
    assert prompt.endswith("<|im_start|>assistant\n<think>\n")
    assert written == target
    completion = written.removesuffix("<|im_end|>")
    assert extract_answer(completion, formatter.layout, prompt) == "11"
    cut_off = completion.partition("</think>")[0] + "\nFinal answer: 11"
    assert extract_answer(cut_off, formatter.layout, prompt) is None


def test_the_kinds_of_opened_thoughts_are_told_apart(bench: Bench) -> None:
    datasets = [entry(bench.rows([ROW]), "chat")]
    strategy = bench.strategy(datasets=datasets, **jinja(R1, thinking=True))
    written = strategy.formatter.write(training_row(ROW))
    assert [(part.kind.name, part.text) for part in written.target] == [
        ("EXPLANATION", EXPLANATION),
        ("MARKER", "\n</think>\n\n"),
        ("MARKER", "Final answer: "),
        ("ANSWER", "11"),
        ("END", "<|im_end|>"),
    ]


def test_an_explanation_with_tags_is_refused_as_a_thought(bench: Bench) -> None:
    row = sum_row(1, explanations={"long": "<think>\nHm.\n</think>\nSo 11."})
    strategy = bench.strategy(
        datasets=[entry(bench.rows([row]), "chat", explain={"thinking": True})],
        chat_template="qwen3",
    )
    message = refusal(strategy.formatter.encode, [training_row(row)])
    assert "holds the tags of thoughts" in message


DATED = (
    "{{ strftime_now('%d %b %Y %H:%M:%S.%f') if not date_string else date_string }}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def test_a_date_in_the_template_is_one_for_all_rows_and_said(
    bench: Bench, log: list[str]
) -> None:
    path = bench.rows([ROW, sum_row(2)])
    prepared = bench.wrap(datasets=[entry(path, "chat")], **jinja(DATED))
    first, second = (text.partition("<|im_start|>")[0] for text, _ in prepared.texts)
    assert first == second
    (said,) = [line for line in log if "date or time" in line]
    assert "date_string" in said


def test_a_date_that_is_pinned_is_not_said(bench: Bench, log: list[str]) -> None:
    keys = {"chat_template_kwargs": {"date_string": "26 Jul 2024"}}
    path = bench.rows([ROW])
    prepared = bench.wrap(datasets=[entry(path, "chat")], **jinja(DATED), **keys)
    ((prompt, _),) = prepared.texts
    assert prompt.startswith("26 Jul 2024<|im_start|>")
    assert not [line for line in log if "date or time" in line]


def test_a_template_without_a_generation_prompt_is_trained_and_said(
    bench: Bench, log: list[str]
) -> None:
    template = DATED.partition("{% for")[2].partition("{% if add")[0]
    path = bench.rows([ROW])
    keys = jinja("{% for" + template)
    prepared = bench.wrap(datasets=[entry(path, "chat")], **keys)
    ((prompt, target),) = prepared.texts
    assert prompt.endswith("4 7<|im_end|>\n")
    assert target.startswith(f"<|im_start|>assistant\n{EXPLANATION}")
    assert [line for line in log if "does not read add_generation_prompt" in line]


@pytest.mark.parametrize("level", ["none", "long"])
def test_a_heading_that_the_model_writes_itself_is_not_read_as_its_answer(
    bench: Bench, level: Any
) -> None:
    template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    datasets = [entry(bench.rows([ROW]), "chat")]
    strategy = bench.strategy(datasets=datasets, **jinja(template))
    _, written = encoded_text(strategy, ROW, level)
    completion = written.removesuffix("<|im_end|>")
    assert completion.startswith("assistant: ")
    said = strategy.formatter.read(completion)
    assert said == (TARGET if level == "long" else "Final answer: 11")
    assert extract_answer(said, strategy.formatter.layout) == "11"


def test_a_tokenizer_without_a_chat_template_is_refused_with_the_way_out(
    bench: Bench, tiny_model: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.chat_template = None
    datasets = [entry(bench.rows([ROW]), "chat")]
    message = refusal(bench.strategy, tokenizer, datasets=datasets)
    assert message.startswith("chat_template: the tokenizer ")
    assert "add chat_template: chatml" in message
    assert bench.strategy(tokenizer, datasets=datasets, chat_template="chatml")


HARMONY = (
    "{% for m in messages %}<|start|>{{ m.role }}{% if m.role == 'assistant' %}"
    "{% if m.thinking %}<|channel|>analysis<|message|>{{ m.thinking }}<|end|>"
    "<|start|>assistant{% endif %}<|channel|>final{% endif %}<|message|>{{ m.content }}"
    "{{ '<|return|>' if m.role == 'assistant' else '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)


@pytest.mark.parametrize(
    ("thinking", "level"), [(True, "long"), (False, "long"), (False, "none")]
)
def test_the_channels_of_an_answer_come_back_from_its_ids(
    bench: Bench, tiny_model: Path, thinking: bool, level: Any
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    added = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>"]
    tokenizer.add_tokens([AddedToken(one, special=True) for one in added])
    keys = jinja(HARMONY, thinking=thinking)
    datasets = [entry(bench.rows([ROW]), "chat")]
    datasets[0]["template_thinking_key"] = "thinking"
    formatter = bench.strategy(tokenizer, datasets=datasets, **keys).formatter
    (((_, target),)) = formatter.encode([training_row(ROW, level)])
    assert target.ids[-1] == formatter.stop_ids[0]
    said = formatter.read(decoded(tokenizer, target.ids))
    judged = judge(said, Gold("11"), formatter.layout, "")
    assert judged.exact_match
    expected = EXPLANATION if level == "long" else ""
    assert explanation_of(said, formatter.layout) == expected


def test_a_template_that_leaves_out_the_system_prompt_is_refused(bench: Bench) -> None:
    template = (
        "{% for m in messages if m.role != 'system' %}<|im_start|>{{ m.role }}\n"
        "{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    datasets = [entry(bench.rows([ROW]), "chat")]
    strategy = bench.strategy(datasets=datasets, **jinja(template, system="Be exact."))
    for act in (strategy.formatter.encode, strategy.formatter.prompts):
        message = refusal(act, [training_row(ROW)])
        assert "does not write what the system says ('Be exact.')" in message


def test_an_end_of_turn_that_is_not_eos_is_a_notice(bench: Bench) -> None:
    datasets = [entry(bench.rows([ROW]), "chat")]
    keys = {"special_tokens": {"eos_token": "<|pad|>"}}
    formatter = bench.strategy(datasets=datasets, **keys).formatter
    assert [one.code for one in formatter.notices()] == ["end-not-eos"]
    tokenizer = formatter.tokenizer
    ends = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|pad|>"])
    assert formatter.stop_ids == ends
    assert bench.strategy(datasets=datasets).formatter.notices() == []
