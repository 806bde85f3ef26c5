"""Every kind of finding: how grave it is, what it means, what to do.

`docs/checks.md` holds the same table; a test compares the two.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the gravest on."""


class Code(NamedTuple):
    """One kind of finding."""

    severity: Severity
    what: str
    remedy: str


RECIPE: dict[str, Code] = {
    "recipe-unreadable": Code(
        "error",
        "The recipe is no YAML mapping of keys to values.",
        "Mend the line that the message names.",
    ),
    "duplicate-key": Code(
        "error",
        "A key stands twice in one block of the recipe; YAML keeps the last in "
        "silence.",
        "Remove one of them.",
    ),
    "plugin-missing": Code(
        "error",
        "A dataset needs the plugin of this package, and the recipe does not load it.",
        "Add axolotl_explain.ExplainPlugin under plugins:.",
    ),
    "plugin-not-importable": Code(
        "error",
        "A plugin cannot be imported; Axolotl would print that and train on without.",
        "Correct its name, or install the package that holds it.",
    ),
    "misspelt-key": Code(
        "error",
        "A key is close to one that Axolotl knows; as written it is dropped in "
        "silence.",
        "Write it as suggested.",
    ),
    "unknown-key": Code(
        "warning",
        "Nobody knows a key; Axolotl drops it in silence.",
        "Remove it, or load the plugin that reads it.",
    ),
    "file-missing": Code(
        "error",
        "A file that the recipe names is not there.",
        "Correct the path; it starts from the folder that the command is run in.",
    ),
    "type-unknown": Code(
        "error",
        "Axolotl finds no strategy by the type of a dataset.",
        "Correct the type; this package has axolotl_explain.instruct, .chat and others "
        "that its README lists.",
    ),
    "explain-block": Code(
        "error",
        "An option of this package is unknown, has a bad value, or contradicts "
        "another.",
        "Change it as the message says.",
    ),
    "key-unread": Code(
        "error",
        "A key says what the types of this package do not do.",
        "Remove it, or say it in the way that the message names.",
    ),
    "made-data": Code(
        "error",
        "What scratch_model or task_data describes cannot be made.",
        "Change the block as the message says.",
    ),
    "axolotl-refuses": Code(
        "error",
        "Axolotl's own validation refuses the recipe.",
        "Change the keys that its message names.",
    ),
    "axolotl-warns": Code(
        "note",
        "Axolotl's own validation warns of something.",
        "Read it; training goes on all the same.",
    ),
    "lora-targets-missing": Code(
        "warning",
        "An adapter is asked for, and nothing says which layers it adapts.",
        "Set lora_target_linear: true, or name lora_target_modules.",
    ),
    "lora-rank-missing": Code(
        "error",
        "A new adapter has no size (lora_r) or scale (lora_alpha).",
        "Set both, such as lora_r: 16 and lora_alpha: 32.",
    ),
    "lora-keys-unused": Code(
        "warning",
        "Keys of LoRA are set without an adapter, so the full model is trained.",
        "Set adapter: lora (or qlora), or remove the keys.",
    ),
    "bnb-keys-unused": Code(
        "warning",
        "Keys of bitsandbytes quantization are set, and nothing is quantized by them.",
        "Set load_in_4bit: true with adapter: qlora, or remove the keys.",
    ),
    "kernels-need-gpu": Code(
        "error",
        "Axolotl switches its LoRA kernels on by itself, and they fail without CUDA.",
        "Set lora_mlp_kernel, lora_qkv_kernel, lora_o_kernel and "
        "lora_embedding_kernel to false.",
    ),
    "learning-rate-unusual": Code(
        "warning",
        "The learning rate is far from what such a training usually takes.",
        "Full fine-tunes take about 0.000005 to 0.0001, adapters 0.00005 to 0.001.",
    ),
    "loss-per-micro-batch": Code(
        "warning",
        "Micro-batches are averaged, so tokens of short targets count at least twice "
        "as much as those of long ones.",
        "Set explain.loss: {}, which counts each token of a step once; or raise "
        "micro_batch_size and lower gradient_accumulation_steps.",
    ),
    "packed-rows-see-each-other": Code(
        "warning",
        "Rows are packed, and nothing keeps one from reading those before it in its "
        "pack.",
        "Set attn_implementation to sdpa, or on a GPU to flash_attention_2 or "
        "flex_attention.",
    ),
    "metric-direction": Code(
        "error",
        "The best checkpoint is chosen by a metric in the wrong direction.",
        "Set greater_is_better: true for shares such as exact_match, false for a loss.",
    ),
    "metric-level": Code(
        "error",
        "The best checkpoint is chosen at a level that the recipe does not evaluate.",
        "Name a level that is trained, or list it in explain.evaluation.levels.",
    ),
    "sequence-len-over-context": Code(
        "warning",
        "sequence_len is longer than the positions that the model was made for.",
        "Lower sequence_len, or extend the context on purpose (rope scaling).",
    ),
    "no-test-data": Code(
        "note",
        "Nothing is held out, so nobody will see whether the training helps.",
        "Set test_datasets, val_set_size or explain.evaluation.",
    ),
    "held-out-changed": Code(
        "warning",
        "Rows held out by val_set_size are filtered or changed as those for training.",
        "Name held-out rows under test_datasets, which are left as they are.",
    ),
    "experts-frozen": Code(
        "warning",
        "The adapter leaves the experts of a mixture as they are, which is most of the "
        "model: they are no linear layers.",
        "Name them in lora_target_parameters, as the message does; or name the layers "
        "of attention alone in lora_target_modules.",
    ),
    "adapter-not-mergeable": Code(
        "warning",
        "The adapter answers right, and no merge of it would.",
        "Serve it as an adapter, or train embeddings by lora_modules_to_save.",
    ),
    "checkpoint-of-other-data": Code(
        "error",
        "Training would go on from a checkpoint that was trained on something else.",
        "Set another output_dir, or remove resume_from_checkpoint and "
        "auto_resume_from_checkpoints.",
    ),
    "memory-too-small": Code(
        "error",
        "By the estimate, training does not fit the card that --memory names.",
        "Lower micro_batch_size or sequence_len, set gradient_checkpointing, quantize "
        "the base model (adapter: qlora), or take a larger card.",
    ),
    "memory-tight": Code(
        "warning",
        "The estimate fits the card by less than a tenth, which is no promise.",
        "Leave some room, as for memory-too-small, or try a few steps first.",
    ),
    "memory-fits": Code(
        "note",
        "By the estimate, training fits the card that --memory names.",
        "Nothing; the estimate is printed part by part.",
    ),
    "memory-unknown": Code(
        "note",
        "Memory cannot be estimated for this model.",
        "Name a local folder with its config.json, if the architecture is known.",
    ),
    "tokenizer-unavailable": Code(
        "note",
        "The tokenizer cannot be read here without the network, so prompts, special "
        "tokens and lengths were not checked.",
        "Download it once (hf download), or name a local folder in base_model.",
    ),
    "thinking-lost": Code(
        "error",
        "The chat template has no reasoning field, so explanations would be lost.",
        "Use a model or chat_template whose template has one, or remove thinking.",
    ),
    "template-faulty": Code(
        "error",
        "The prompt template cannot be filled in.",
        "Mend the template as the message says.",
    ),
    "marker-changed": Code(
        "error",
        "The tokenizer changes the answer marker (lower case, accents, spaces), so no "
        "answer would be found in what the model writes.",
        "Write explain.answer_marker as it comes back, or use another tokenizer.",
    ),
    "dated-template": Code(
        "warning",
        "The chat template writes today's date into prompts, so those of training and "
        "of later use differ.",
        "Pin it (chat_template_kwargs: {date_string: …}) where the template reads "
        "that, else use a template without a date.",
    ),
    "no-generation-prompt": Code(
        "warning",
        "The chat template has no generation prompt, so the model has to write the "
        "heading of its turn before it answers.",
        "Use a template that reads add_generation_prompt, such as chat_template: "
        "chatml.",
    ),
    "end-not-eos": Code(
        "note",
        "A turn ends in another token than the tokenizer's eos_token. The "
        "generation_config.json that is saved with a model, an adapter or after a "
        "merge names both.",
        "Nothing for transformers and vLLM; for engines that read the tokenizer "
        "alone, set special_tokens: {eos_token: …} to the end of a turn.",
    ),
    "chat-model-as-instruct": Code(
        "note",
        "The model's chat template ends turns in its eos_token, as that of a model "
        "that was trained to chat, and axolotl_explain.instruct does not use it.",
        "Nothing: the model is saved with a chat template that writes these prompts. "
        "To keep its own, use type: axolotl_explain.chat.",
    ),
    "strategy-refuses": Code(
        "error",
        "The tokenizer or its chat template does not fit this type of dataset.",
        "Change what the message names.",
    ),
    "not-checked": Code(
        "note",
        "A part was left out, because errors above stand in its way.",
        "Mend the errors and check again.",
    ),
    "other-strategy": Code(
        "note",
        "Rows that a strategy of Axolotl's own reads are used, and were not checked.",
        "Nothing; if they have explanations, name a type of this package.",
    ),
}

DATA: dict[str, Code] = {
    "data-unreadable": Code(
        "error",
        "A data file cannot be parsed.",
        "Mend the lines named; check that the file is whole and what its name says.",
    ),
    "rows-prepared": Code(
        "note",
        "Raw rows are gone; training uses what was prepared from them, unseen here.",
        "Nothing, if these are the rows you mean; bring the files back to check them.",
    ),
    "data-unavailable": Code(
        "note",
        "A dataset is not on this machine, so its rows were not checked.",
        "Download it once (hf download --repo-type dataset), then check again.",
    ),
    "no-rows": Code(
        "error",
        "A dataset has no rows.",
        "Check path, split and data_files.",
    ),
    "row-unreadable": Code(
        "error",
        "A row has no usable instruction, answer or explanation where one is needed.",
        "Mend the field that the message names, or map your columns.",
    ),
    "row-skipped": Code(
        "note",
        "Rows that cannot become examples are left out, as on_bad_row says.",
        "Nothing, if few; else look at the rows named, or change preset or columns.",
    ),
    "many-rows-skipped": Code(
        "warning",
        "Rows that cannot become examples are left out, more than 5 % of all.",
        "Look at the rows named; correct preset, columns or messages, or the rows.",
    ),
    "level-missing": Code(
        "error",
        "A row has no explanation at the level that the recipe trains.",
        "Add it, or set explain.on_missing_level to nearest, answer_only or drop.",
    ),
    "level-replaced": Code(
        "note",
        "Rows lack their level and are dropped or trained at another, as "
        "on_missing_level says.",
        "Nothing, if that is what you want.",
    ),
    "level-often-replaced": Code(
        "warning",
        "More than a tenth of the training rows lack their level, and are dropped or "
        "trained at another, as on_missing_level says.",
        "Train a level that the rows have, or add the explanations.",
    ),
    "rows-changed": Code(
        "note",
        "Switches (derived levels, coverage, filter, control) touch rows.",
        "Nothing, if that is what you want.",
    ),
    "rows-often-changed": Code(
        "warning",
        "A switch (derived levels, filter, control) fails on many rows, or drops many.",
        "Look at the rows named; switch it off if it does not fit this dataset.",
    ),
    "unknown-characters": Code(
        "warning",
        "The tokenizer does not know characters of explanations, which would be lost.",
        "Add them under tokens:, or write them in another way.",
    ),
    "row-unwritable": Code(
        "error",
        "A row cannot be written with this template.",
        "Change the row or the template as the message says.",
    ),
    "answer-not-extractable": Code(
        "error",
        "An answer could not be found again in its own target, so it would always "
        "count as wrong.",
        "Change the answer, explain.answer_marker or explain.order.",
    ),
    "answer-in-prompt": Code(
        "error",
        "The prompt already says the answer.",
        "Remove it from instruction, input, system, history or the template.",
    ),
    "answer-quoted": Code(
        "note",
        "Many answers stand word for word in their prompt.",
        "Nothing, if answers are to be found in a text; else check the columns.",
    ),
    "explanation-in-prompt": Code(
        "error",
        "The prompt already holds the explanation.",
        "Remove it from instruction, input, system, history or the template.",
    ),
    "explanation-contradicts": Code(
        "warning",
        "An explanation ends in another answer than the one that is stored.",
        "Correct the answer or the explanation, or leave the row out.",
    ),
    "explanation-unread": Code(
        "warning",
        "Rows have no explanation, beside a column or a field of meta that looks like "
        "one and is not read.",
        'Map it, as in explain: {columns: {long: rationale}} or {long: "{{ meta.why '
        '}}"}, or name it explanation.',
    ),
    "explanation-placeholder": Code(
        "warning",
        "Explanations are placeholders (N/A, TODO, ERROR, -), which count as missing.",
        "Write them, or remove them.",
    ),
    "explanation-is-answer": Code(
        "warning",
        "An explanation is nothing but the answer.",
        "Write what leads to the answer, or train these rows at level none.",
    ),
    "one-explanation-only": Code(
        "warning",
        "Most rows of a dataset have the same explanation, so there is nothing to "
        "learn from it.",
        "Check which column is the explanation.",
    ),
    "answer-explanation-swapped": Code(
        "warning",
        "An answer looks like the explanation, and the explanation like its answer.",
        "Check which column goes where.",
    ),
    "answer-wrapped": Code(
        "warning",
        "Answers stand in \\boxed{}, tags, quotes, brackets or dollars, or behind "
        "words, which exact match then asks for.",
        "Keep the bare answer.",
    ),
    "answer-placeholder": Code(
        "warning",
        "An answer is a placeholder (TODO, nan, see above, …), and would be trained as "
        "one.",
        "Write it, or leave the row out.",
    ),
    "answer-line-cut": Code(
        "note",
        "Explanations already end in the answer line; it is cut, since the target has "
        "it.",
        "Nothing, if that is what you want.",
    ),
    "marker-in-explanation": Code(
        "warning",
        "An explanation has an answer line of its own before its end.",
        "Remove that line, or set explain.answer_marker to other words.",
    ),
    "prompt-ends-in-space": Code(
        "warning",
        "Prompts end in a space, which most tokenizers would join to the next word.",
        "End the template in a line break or right after a word.",
    ),
    "prompt-runs-into-target": Code(
        "warning",
        "Nothing stands between a prompt's last word and the first of the target.",
        "End the template in a line break.",
    ),
    "duplicate-rows": Code(
        "warning",
        "A row is trained several times: it stands twice in a dataset, or in two.",
        "Keep one of them, or repeat rows on purpose by num_epochs.",
    ),
    "conflicting-answers": Code(
        "warning",
        "The same problem has different answers.",
        "Keep the right one.",
    ),
    "problem-repeated": Code(
        "note",
        "The same problem and answer come with different explanations.",
        "Nothing, if that is what you want.",
    ),
    "near-duplicates": Code(
        "note",
        "Problems differ from another one in a few words only.",
        "Look at the rows named; keep what you mean to repeat.",
    ),
    "test-in-train": Code(
        "error",
        "A problem of the test data is trained on, so its result says nothing.",
        "Remove it from one of the two.",
    ),
    "test-near-train": Code(
        "warning",
        "A problem of the test data differs from one in training by a few words only.",
        "Look at both; keep them only if the difference is what you test.",
    ),
    "control-characters": Code(
        "warning",
        "A text holds invisible control characters (NUL, changes of direction, …).",
        "Remove them; they are tokens to the model and unseen by you.",
    ),
    "broken-characters": Code(
        "warning",
        "A text holds the mark that stands for unreadable characters.",
        "Convert the source to UTF-8 again, from its real encoding.",
    ),
    "special-token-in-data": Code(
        "warning",
        "A text holds a special token of the tokenizer, which would act as one.",
        "Remove it or write it in another way.",
    ),
    "field-very-long": Code(
        "warning",
        "A field has more than 100,000 characters.",
        "Check that a row did not swallow the rest of the file.",
    ),
    "too-long-dropped": Code(
        "warning",
        "Rows are longer than sequence_len and will be dropped.",
        "Raise sequence_len, or set explain.on_too_long: shorten.",
    ),
    "too-short-dropped": Code(
        "warning",
        "Rows have fewer tokens than min_sample_len, and Axolotl drops them.",
        "Lower min_sample_len, or remove it.",
    ),
    "too-long-refused": Code(
        "error",
        "Rows are longer than sequence_len, and on_too_long: error refuses them.",
        "Raise sequence_len, take the rows out, or set explain.on_too_long otherwise.",
    ),
    "too-long-shortened": Code(
        "note",
        "Explanations are cut so that rows fit into sequence_len.",
        "Raise sequence_len if the whole explanation matters.",
    ),
    "val-set-too-large": Code(
        "error",
        "val_set_size holds out every problem, so nothing would be trained.",
        "Lower it: a share below 1, or a number of problems (not of rows).",
    ),
    "nothing-trained": Code(
        "error",
        "The packed rows do not fill one batch, so no step would be made.",
        "Lower micro_batch_size or sequence_len, or switch sample_packing off.",
    ),
    "often-shortened": Code(
        "warning",
        "So many explanations are cut to fit into sequence_len that the model learns "
        "to break off.",
        "Raise sequence_len, or train a shorter level.",
    ),
    "nothing-left": Code(
        "error",
        "No row of a dataset is left to train on.",
        "Mend what drops them, see the other findings.",
    ),
    "one-answer-only": Code(
        "warning",
        "All rows of a dataset have the same answer, so there is nothing to learn.",
        "Check which column is the answer.",
    ),
    "answer-spellings": Code(
        "warning",
        "At least 1 % of the answers are another one in other capitals, spaces or "
        "full stops; exact match counts them as different.",
        "Write equal answers alike, where the difference means nothing.",
    ),
    "levels-out-of-order": Code(
        "warning",
        "An explanation is longer than the one of a higher level.",
        "Check that short, medium and long have not changed places.",
    ),
    "repeated-ids": Code(
        "note",
        "Different rows have the same id.",
        "Number them anew if you mean to find rows by id.",
    ),
}

CODES: dict[str, Code] = {**RECIPE, **DATA}
