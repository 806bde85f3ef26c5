"""`transformers serve` on a trained folder asks as training did, and answers as eval.

The server is the real one, in a process of its own, on a model that knows its rows by
heart. It knows the folder and nothing else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from transformers import AutoProcessor
from transformers.utils.import_utils import is_serve_available

from axolotl_explain import Example, Prompter
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.endpoint import Endpoint
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.predict import predict
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.evaluation.suite import evaluate
from axolotl_explain.recipe.asked_of import prompts_of, recipe_for
from axolotl_explain.results.completion import Completion
from tests.fixtures.bench import refusal, write_jsonl
from tests.fixtures.learning import learn_by_heart
from tests.fixtures.trained_folders import ROWS, TrainedFolder, merged
from tests.fixtures.transformers_server import transformers_serve
from tests.test_prompter import block

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(
        not is_serve_available(),
        reason="transformers serve needs the packages of axolotl-explain[serve]",
    ),
]


def only(way: str) -> pytest.MarkDecorator:
    """For a check that tells as much of one server as of each."""
    return pytest.mark.parametrize("served", [way], indirect=True)


Train = Callable[[str], TrainedFolder]
BUDGET = 48
NAME = "outputs/run"
"""What documents call the folder, and so the server."""


@dataclass(frozen=True)
class Serving:
    """A server, and what it serves.

    Attributes:
        trained: its folder is that which the server was given.
        where: the folder in which the server was started.
        expected: what `eval` makes of the rows, with the folder loaded here.
    """

    trained: TrainedFolder
    where: Path
    url: str
    data: str
    expected: list[Completion]


@pytest.fixture(scope="module", params=["instruct", "chat"])
def served(
    request: Any, trained_folder: Train, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    way, where = request.param, tmp_path_factory.mktemp(f"served-{request.param}")
    (where / "outputs").mkdir()
    trained = trained_folder(way)
    if way == "instruct":
        trained = merged(trained, where)
        trained.folder.rename(where / NAME)
    else:
        shutil.copytree(trained.folder, where / NAME)
    trained = replace(trained, folder=where / NAME)
    learn_by_heart(trained, "long")
    data = write_jsonl(where / "rows.jsonl", ROWS)
    asked = EvaluationRequest(
        recipe=None,
        model=str(trained.folder),
        data=(data,),
        levels=() if way == "chat" else ("long",),
        max_new_tokens=BUDGET,
    )
    expected = evaluate(asked)
    with transformers_serve(NAME, where=where) as url:
        yield Serving(trained, where, url, data, expected)


def ask(served: Serving, row: dict[str, Any], **body: Any) -> dict[str, Any]:
    """What the server answers to the messages of a row."""
    messages = Prompter(served.trained.folder).messages(row)
    body = {"model": NAME, "messages": messages, "temperature": 0, **body}
    answered = httpx.post(f"{served.url}/chat/completions", json=body, timeout=120)
    answered.raise_for_status()
    found: dict[str, Any] = answered.json()
    return found


def test_prompts_are_those_of_training_and_answers_those_of_eval(
    served: Serving,
) -> None:
    assert all(one.exact_match for one in served.expected)
    prompter = Prompter(served.trained.folder)
    processor = AutoProcessor.from_pretrained(served.trained.folder)
    for row, mine in zip(ROWS[:4], served.expected, strict=False):
        # What the server does with messages, by the class that it does it with.
        ids = processor.apply_chat_template(
            prompter.messages(row),
            add_generation_prompt=True,
            return_dict=True,
            tokenize=True,
        )["input_ids"]
        assert list(ids) in served.trained.prompts
        found = ask(served, row, max_tokens=BUDGET)
        (choice,) = found["choices"]
        assert found["usage"]["prompt_tokens"] == len(ids)
        assert choice["message"]["content"] == mine.completion
        assert choice["finish_reason"] == "stop"
        assert found["usage"]["completion_tokens"] == mine.num_tokens + 1


def test_predict_behind_it_gives_what_eval_gives_row_for_row(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(served.where)
    request = PredictionRequest(
        model=NAME, data=(served.data,), max_new_tokens=BUDGET, endpoint=served.url
    )
    there = predict(request)
    assert len(there) == len(ROWS)
    for its, mine in zip(there, served.expected, strict=True):
        assert its.completion == mine.completion
        assert its.answer == mine.extracted == mine.answer
        assert its.num_tokens == mine.num_tokens
        assert its.stop_reason == "end"
    elsewhere = replace(request, endpoint_model="other")
    assert "pinned to 'outputs/run'" in refusal(predict, elsewhere)


def test_a_stream_gives_the_same_in_pieces(served: Serving) -> None:
    folder = served.trained.folder
    asked = Endpoint(served.url, prompts_of(recipe_for(folder)), folder=NAME)
    row = TrainingRow.of(Example.from_row(ROWS[0]), "long")
    pieces: list[str] = []
    reply = asked.stream(row, Decoding((), BUDGET), pieces.append)
    mine = served.expected[0]
    assert "".join(pieces) == reply.completion == mine.completion
    assert (reply.num_tokens, reply.truncated) == (mine.num_tokens, False)


@only("chat")
def test_samples_are_drawn_and_a_seed_draws_the_same(served: Serving) -> None:
    hot = {"temperature": 5.0, "max_tokens": 8}
    texts = [
        ask(served, ROWS[0], **hot, seed=seed)["choices"][0]["message"]["content"]
        for seed in (1, 2, 1)
    ]
    assert texts[0] == texts[2] != texts[1]


@only("instruct")
def test_the_lines_of_the_document_with_the_client_of_openai_run(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(served.where)
    lines = block("from openai").replace("http://localhost:8000/v1", served.url)
    names: dict[str, Any] = {}
    exec(lines, names)
    assert names["answered"].model.startswith(NAME)
    assert names["reply"].completion == names["answered"].choices[0].message.content


@only("instruct")
def test_a_url_of_completions_takes_the_prompt_as_text(served: Serving) -> None:
    request = PredictionRequest(
        model=str(served.trained.folder),
        data=(served.data,),
        limit=2,
        max_new_tokens=BUDGET,
        endpoint=f"{served.url}/completions",
        endpoint_model=NAME,
    )
    found = [one.completion for one in predict(request)]
    assert found == [one.completion for one in served.expected[:2]]
