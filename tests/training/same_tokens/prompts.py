"""What prompts say, and what a chat template makes of it."""

from __future__ import annotations

from tests.training.same_tokens.case import KINDS, THINKING, Case, Entry, explained, one

OPENED = """\
{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' %}<think>
{{ m.reasoning_content }}
</think>

{% endif %}{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""A template that leaves it to the model to open its reasoning field."""
WORDS = {"short": "Be brief.", "long": "Say all, füllig."}
TASKS = {"predict": "Label it.", "explain": "Say why."}
PROMPTS = {
    "prompts/level asked for always": explained("sums", level_request="always"),
    "prompts/level asked for never": explained(
        "sums", level="all", level_request="never"
    ),
    "prompts/own words": explained("sums", level="all", level_requests=WORDS),
    "prompts/own words, chat": explained(
        "sums", "chat", level="all", level_requests=WORDS
    ),
    "prompts/own tasks": explained(
        "sums", order="multitask", level="all", task_requests=TASKS
    ),
    "prompts/own template": explained(
        "mixed",
        template="{{ id }} {{ meta.page if 'page' in meta else 0 }}\n"
        "Q: {{ instruction | trim }} {{ input }}\nA:",
        level="medium",
    ),
    "prompts/own template, seq2seq": explained(
        "sums", "seq2seq", template="solve: {{ instruction }} {{ input }}", level="all"
    ),
    "prompts/own template, history": explained(
        "talks",
        messages={},
        template="{{ system }}|{{ history | length }}|{{ instruction }}",
    ),
    "prompts/marker": explained("sums", answer_marker="So => "),
    "prompts/marker, answer first": explained(
        "sums", answer_marker="Antwort: ", order="answer_first"
    ),
    "prompts/marker, chat": explained("sums", "chat", answer_marker="### "),
    "prompts/line break, seq2seq": explained(
        "plain_answers", "seq2seq", line_break=" ; "
    ),
    "prompts/byte level, seq2seq": one(
        "plain_answers", "seq2seq", tokenizer="bpe", explain={"level": "all"}
    ),
    **{
        f"prompts/train on inputs, {kind}": one(
            "mixed", kind, keys={"train_on_inputs": True}
        )
        for kind in KINDS
    },
}
CHAT = {
    "chat/system": explained("sums", "chat", system="Be exact.\nAlways."),
    "chat/thinking": one(
        "mixed", "chat", explain={"thinking": True, "level": "long"}, keys=THINKING
    ),
    "chat/thinking, answer first": one(
        "sums",
        "chat",
        explain={"thinking": True, "order": "answer_first"},
        keys=THINKING,
    ),
    "chat/thinking, shortened": one(
        "long",
        "chat",
        explain={"thinking": True, "on_too_long": "shorten"},
        keys={**THINKING, "sequence_len": 96},
    ),
    "chat/thinking that the model opens": one(
        "sums",
        "chat",
        explain={"thinking": True, "level": "all"},
        keys={"chat_template": "jinja", "chat_template_jinja": OPENED},
    ),
    "chat/thinking, qwen3": one(
        "sums",
        "chat",
        tokenizer="qwen3",
        explain={"thinking": True, "level": "all"},
    ),
    "chat/thinking, talks": one(
        "talks", "chat", explain={"thinking": True, "messages": {}}, keys=THINKING
    ),
    "chat/thinking that no template has": one(
        "sums", "chat", explain={"thinking": True}
    ),
    "chat/template keys": one(
        "sums",
        "chat",
        keys={**THINKING, "chat_template_kwargs": {"enable_thinking": False}},
    ),
    "chat/template of the dataset": Case(
        (Entry("sums", "chat", {"chat_template": "phi_3"}),),
        keys={"chat_template": "chatml", "tokens": ["<|end|>"]},
    ),
}
