"""The tasks for lm-evaluation-harness, run by it, against `axolotl explain eval`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
import yaml
from click.testing import CliRunner
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import AutoModelForCausalLM, AutoTokenizer

from axolotl_explain.cli import main
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.suite import evaluate
from axolotl_explain.lm_eval_tasks import functions
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.results.completion import Completion
from axolotl_explain.training.load import load_config, load_strategy
from tests.fixtures.learning import learn

ROWS, LEARNED = 10, 6
TASKS = ("listops", "modular_sum", "movie_genres", "gsm8k")
SCHOOL = {
    "question": "A shelf holds 12 jars. How many do 3 shelves hold?",
    "answer": "There are 3 shelves.\n3 * 12 = <<3*12=36>>36 jars.\n#### 36",
}


class Bench(NamedTuple):
    """A recipe, its data, and a model that knows the first rows by heart."""

    recipe: Path
    data: Path
    model: Path
    tokenizer: Any
    prompts: list[list[int]]


def recipe_in(folder: Path) -> dict[str, Any]:
    data = str(folder / "data" / "test.jsonl")
    return {
        "base_model": str(folder / "base"),
        "scratch_model": {
            "config": {
                "model_type": "llama",
                "hidden_size": 96,
                "intermediate_size": 192,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "max_position_embeddings": 512,
            },
            "tokenizer_data": [data],
            "vocab_size": 400,
        },
        "task_data": {
            "folder": str(folder / "data"),
            "task": "modular_sum",
            "options": {"min_length": 2, "max_length": 3},
            "sizes": {"train": 0, "validation": 0, "test": ROWS, "test_long": 0},
        },
        "plugins": ["axolotl_explain.ExplainPlugin"],
        "explain": {"level": "long"},
        "datasets": [
            {"path": data, "ds_type": "json", "type": "axolotl_explain.instruct"}
        ],
        **{"output_dir": str(folder / "out"), "sequence_len": 256},
        **{"micro_batch_size": 4, "gradient_accumulation_steps": 1},
        **{"num_epochs": 1, "optimizer": "adamw_torch", "learning_rate": 0.001},
        **dict.fromkeys(("bf16", "fp16", "tf32"), False),
    }


def bench_in(folder: Path) -> Bench:
    recipe = recipe_in(folder)
    ensure_task_data(recipe["task_data"])
    ensure_scratch_model(recipe["scratch_model"], recipe["base_model"])
    path, data = folder / "recipe.yml", folder / "data" / "test.jsonl"
    path.write_text(yaml.safe_dump(recipe))
    tokenizer = AutoTokenizer.from_pretrained(recipe["base_model"])
    strategy = load_strategy(load_config(recipe), tokenizer, str(data))
    rows = [TrainingRow.of(one, "long") for one in read_examples(str(data)).values()]
    encoded = strategy.formatter.encode(rows)
    model = AutoModelForCausalLM.from_pretrained(recipe["base_model"])
    learn(model, [(prompt, target.ids) for prompt, target in encoded[:LEARNED]])
    model.save_pretrained(folder / "tuned")
    tokenizer.save_pretrained(folder / "tuned")
    prompts = [prompt for prompt, _ in encoded]
    return Bench(path, data, folder / "tuned", tokenizer, prompts)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    torch.manual_seed(0)
    return bench_in(tmp_path_factory.mktemp("lm_eval"))


@pytest.fixture(scope="module")
def ours(bench: Bench) -> list[Completion]:
    """What `axolotl explain eval` makes of it, with the budget of the task."""
    request = EvaluationRequest(
        recipe=str(bench.recipe),
        model=str(bench.model),
        data=(str(bench.data),),
        max_new_tokens=256,
    )
    return evaluate(request)


class Teacher(LM):  # type: ignore[misc]
    """A model that writes the target of every row."""

    def generate_until(self, requests: list[Any]) -> list[str]:
        return [request.doc["target"] for request in requests]

    def loglikelihood(self, requests: list[Any]) -> list[Any]:
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def folder_of_tasks() -> str:
    return CliRunner().invoke(main, ["lm-eval-tasks"]).output.strip()


def harness(task: str, model: Any, metadata: Mapping[str, Any], **options: Any) -> Any:
    manager = TaskManager(
        include_path=folder_of_tasks(), include_defaults=False, metadata=dict(metadata)
    )
    return simple_evaluate(
        model=model,
        tasks=[task],
        task_manager=manager,
        log_samples=True,
        bootstrap_iters=0,
        **options,
    )


def samples(results: Any, task: str, kind: str) -> list[dict[str, Any]]:
    """Of one filter, in the order of the rows."""
    found = [one for one in results["samples"][task] if one["filter"] == kind]
    return sorted(found, key=lambda one: one["doc_id"])


def test_modular_sum_agrees_with_eval_row_by_row(
    bench: Bench, ours: list[Completion]
) -> None:
    lm = HFLM(pretrained=str(bench.model), device="cpu", batch_size=4)
    task = "explain_modular_sum"
    results = harness(task, lm, {"data": str(bench.data)})
    strict, flexible = (samples(results, task, kind) for kind in ("strict", "flexible"))
    assert [one["resps"][0][0] for one in strict] == [one.completion for one in ours]
    assert [one["exact_match"] for one in strict] == [one.exact_match for one in ours]
    assert [one["parsed_rate"] for one in strict] == [
        one.extracted is not None for one in ours
    ]
    assert [one["flexible_match"] for one in flexible] == [
        one.flexible_match for one in ours
    ]
    right = sum(one.exact_match for one in ours)
    assert LEARNED <= right < ROWS
    assert results["results"][task]["exact_match,strict"] == right / ROWS


def test_the_harness_gives_the_model_the_ids_that_training_gave_it(
    bench: Bench,
) -> None:
    lm = HFLM(pretrained=str(bench.model), device="cpu", batch_size=1)
    rows = functions.generated("modular_sum", str(bench.data))["test"]
    ids = [lm.tok_batch_encode([row["prompt"]])[0][0].tolist() for row in rows]
    assert ids == bench.prompts


def with_explain(bench: Bench, folder: Path, **explain: Any) -> str:
    """The recipe with another `explain:` block."""
    recipe = {**yaml.safe_load(bench.recipe.read_text()), "explain": explain}
    path = folder / "recipe.yml"
    path.write_text(yaml.safe_dump(recipe))
    return str(path)


def asked(bench: Bench, **metadata: Any) -> dict[str, Any]:
    """The first row that the harness gets."""
    found = functions.generated("modular_sum", str(bench.data), **metadata)
    return dict(found["test"][0])


def problem(bench: Bench) -> dict[str, Any]:
    """The first row of the data."""
    return dict(json.loads(bench.data.read_text().partition("\n")[0]))


def test_the_recipe_decides_template_marker_order_and_level(
    bench: Bench, tmp_path: Path
) -> None:
    explain = {
        "template": "{{ input }} =\n",
        "answer_marker": "So: ",
        "order": "answer_first",
        "level": "short",
    }
    row = asked(bench, recipe=with_explain(bench, tmp_path, **explain))
    given = problem(bench)
    assert row["prompt"] == f"{given['input']} =\n"
    explanation = given["explanations"]["short"]
    assert row["target"] == f"So: {given['answer']}\n{explanation}"
    found = functions.strict([[f"So: {given['answer']}\nFinal answer: no"]], [row])
    assert found == [[given["answer"]]]


def test_a_level_is_asked_for_in_the_words_of_training(
    bench: Bench, tmp_path: Path
) -> None:
    recipe = with_explain(bench, tmp_path, level="all", level_requests={"short": "Sh."})
    given = problem(bench)
    prompt = (
        f"### Instruction:\n{given['instruction']}\nSh.\n\n"
        f"### Input:\n{given['input']}\n\n### Response:\n"
    )
    assert asked(bench, recipe=recipe, level="short")["prompt"] == prompt
    plain = asked(bench, level="short", level_request="always")
    words = "Give a short explanation with the answer."
    assert plain["prompt"] == prompt.replace("Sh.", words)


@pytest.mark.parametrize(
    ("completion", "strict", "flexible"),
    [
        ("Final answer: 7", "7", True),
        ("Final answer: 7.0", "7.0", True),
        ("It makes 7", "", True),
        ("Final answer: 8", "8", False),
        ("no idea", "", False),
    ],
)
def test_filters_and_metrics_say_what_eval_says(
    bench: Bench, completion: str, strict: str, flexible: bool
) -> None:
    row = {**asked(bench), "answer": "7"}
    assert functions.strict([[completion]], [row]) == [[strict]]
    assert functions.flexible([[completion]], [row]) == [[flexible]]
    exact = {"exact_match": strict == "7", "parsed_rate": bool(strict)}
    assert functions.metrics(row, [strict]) == exact
    assert functions.metrics(row, [flexible]) == {"flexible_match": flexible}


def data_for(task: str, bench: Bench, folder: Path) -> dict[str, str]:
    """Metadata that names a file for a task; the shipped one needs none."""
    if task == "movie_genres":
        return {}
    if task == "modular_sum":
        return {"data": str(bench.data)}
    if task == "gsm8k":
        lines = [SCHOOL, {**SCHOOL, "question": "And 3 empty ones?"}]
        (folder / "gsm8k.jsonl").write_text("\n".join(map(json.dumps, lines)))
        return {"data": str(folder / "gsm8k.jsonl")}
    sizes = {"train": 0, "validation": 0, "test": 3, "test_long": 0}
    block = {"folder": str(folder / "listops"), "task": "listops", "sizes": sizes}
    ensure_task_data(block)
    return {"data": str(folder / "listops" / "test.jsonl")}


@pytest.mark.parametrize("task", TASKS)
def test_every_task_runs_and_shows_other_rows_as_examples(
    task: str, bench: Bench, tmp_path: Path
) -> None:
    metadata = data_for(task, bench, tmp_path)
    name = f"explain_{task}"
    results = harness(name, Teacher(), metadata, num_fewshot=1, limit=2)
    for one in samples(results, name, "strict"):
        prompt, doc = one["arguments"][0][0], one["doc"]
        example = prompt.removesuffix(doc["prompt"])
        assert example != prompt
        assert example.startswith("### Instruction:\n")
        assert doc["prompt"] not in example
        assert "\nFinal answer: " in example
    found = results["results"][name]
    names = ("exact_match,strict", "parsed_rate,strict", "flexible_match,flexible")
    names = (*names, "exact_match_if_cut,cut")
    assert [found[metric] for metric in names] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("metadata", "right"),
    [
        ({}, False),
        ({"untrained": True}, True),
        ({"untrained": False, "pretrained": "EleutherAI/pythia-14m"}, False),
        ({"pretrained": "EleutherAI/pythia-14m"}, True),
    ],
)
def test_a_model_that_was_not_trained_ends_with_its_first_answer_line(
    bench: Bench, metadata: dict[str, Any], right: bool
) -> None:
    row = asked(bench, **metadata)
    text = f"Final answer: {row['answer']}\n### Instruction:\nAdd.\nFinal answer: 99"
    assert functions.strict([[text]], [row]) == [[row["answer"] if right else "99"]]
    assert functions.flexible([[text]], [row]) == [[right]]
    assert functions.if_cut([[text]], [row]) == [[{"exact_match_if_cut": True}]]


def test_a_school_problem_has_its_solution_without_the_calculator(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(SCHOOL) + "\n")
    row = functions.gsm8k(str(path))["test"][0]
    question = f"### Instruction:\n{SCHOOL['question']}\n\n### Response:\n"
    assert row["prompt"] == question
    steps = "There are 3 shelves.\n3 * 12 = 36 jars."
    assert row["target"] == f"{steps}\nFinal answer: 36"


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"level": "longer"}, "metadata: level: 'longer' is no level"),
        ({"level_request": "yes"}, "level_request: 'yes' is none of never, always"),
        ({"level": "short", "recipe": {"level": "long"}}, "metadata: level: short: "),
        ({"recipe": {"level": "all"}}, "trains none, short, medium, long; name the"),
        (
            {"recipe": {"level": "long"}, "level_request": "always"},
            "level_request: the recipe says it already",
        ),
    ],
)
def test_metadata_that_cannot_be_followed_is_refused(
    bench: Bench, tmp_path: Path, metadata: dict[str, Any], message: str
) -> None:
    if "recipe" in metadata:
        recipe = with_explain(bench, tmp_path, **metadata["recipe"])
        metadata = {**metadata, "recipe": recipe}
    with pytest.raises(ExplainError, match=message):
        asked(bench, **metadata)


def test_data_that_a_task_cannot_ask_for_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    with pytest.raises(ExplainError, match="metadata: data: missing"):
        functions.generated("listops")
    with pytest.raises(ExplainError, match=r"row 1, meta\.task: 'modular_sum' is not"):
        functions.generated("listops", str(bench.data))
    (tmp_path / "rows.jsonl").write_text('{"question": "2?", "answer": "2"}\n')
    with pytest.raises(ExplainError, match=r"1 rows skipped: no ####"):
        functions.gsm8k(str(tmp_path / "rows.jsonl"))


def test_a_folder_that_says_how_it_was_asked_takes_the_place_of_a_recipe(
    bench: Bench, tmp_path: Path
) -> None:
    from axolotl_explain.lm_eval_tasks.harness_rows import named_recipe, settings_of
    from axolotl_explain.recipe.explain_file import ExplainFile, write_explain_file

    content = ExplainFile(
        type="axolotl_explain.instruct",
        base_model="base",
        levels=("short",),
        template="Q: {{ instruction }} {{ input }}\nA: ",
        answer_marker="So: ",
    )
    write_explain_file(tmp_path, content)
    folder = str(tmp_path)
    for arguments in ({"pretrained": folder}, {"pretrained": "b", "peft": folder}):
        assert named_recipe(arguments) == folder
    assert named_recipe({"pretrained": folder, "recipe": "r.yml"}) == "r.yml"
    assert named_recipe({"pretrained": "EleutherAI/pythia-14m"}) is None
    settings, level = settings_of(str(bench.data), folder)
    assert level == "short"
    assert settings.options.template == content.template
    found = functions.generated("modular_sum", str(bench.data), pretrained=folder)
    assert all(one["prompt"].startswith("Q: ") for one in found["test"])
    assert all(one["answer_marker"] == "So: " for one in found["test"])
