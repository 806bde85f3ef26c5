"""A server that knows the trained folder alone answers as the folder does here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation import endpoint as module
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.endpoint import Endpoint
from axolotl_explain.evaluation.predict import predict
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.recipe.asked_of import prompts_of, recipe_for
from axolotl_explain.servers import blocking_client
from tests.fixtures.bench import refusal, write_jsonl
from tests.fixtures.openai_server import NAME, Served, serving
from tests.fixtures.trained_folders import ROWS, TrainedFolder, merged

pytestmark = pytest.mark.training
Train = Callable[[str], TrainedFolder]
BUDGET = 9
ROW = TrainingRow.of(Example("Add the two numbers.", "", "1 5"), "long")


@pytest.fixture(params=["instruct", "chat"])
def one(request: Any, trained_folder: Train, tmp_path: Path) -> TrainedFolder:
    """A folder that transformers loads by itself: of an adapter, the merged model."""
    trained = trained_folder(request.param)
    if request.param == "chat":
        return trained
    return merged(trained, tmp_path)


@pytest.fixture
def served(one: TrainedFolder) -> Iterator[Served]:
    with serving(one.folder) as found:
        yield found


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking_client, "WAITS", (0.0,) * 3)


def request(one: TrainedFolder, where: Path, **keys: Any) -> PredictionRequest:
    rows = [{key: row[key] for key in ("instruction", "input")} for row in ROWS]
    data = write_jsonl(where / "rows.jsonl", rows)
    return PredictionRequest(
        model=str(one.folder), data=(data,), max_new_tokens=BUDGET, **keys
    )


def endpoint(one: TrainedFolder, url: str, **keys: Any) -> Endpoint:
    return Endpoint(url, prompts_of(recipe_for(one.folder)), **keys)


def test_its_answers_are_those_of_the_folder_row_for_row(
    one: TrainedFolder, served: Served, tmp_path: Path
) -> None:
    here = predict(request(one, tmp_path))
    there = predict(request(one, tmp_path, endpoint=served.url))
    assert sorted(served.prompts)[0] in one.prompts
    assert all(ids in one.prompts for ids in served.prompts)
    for mine, its in zip(here, there, strict=True):
        assert its.completion == mine.completion
        assert (its.answer, its.stop_reason) == (mine.answer, mine.stop_reason)
        assert (its.num_tokens, its.num_prompt_tokens) == (
            mine.num_tokens,
            mine.num_prompt_tokens,
        )
    assert {body["model"] for body in served.bodies} == {NAME}


def test_a_stream_gives_the_same_in_pieces(one: TrainedFolder, served: Served) -> None:
    asked = endpoint(one, served.url)
    pieces: list[str] = []
    decoding = Decoding((), BUDGET)
    streamed = asked.stream(ROW, decoding, pieces.append)
    ((_, whole),) = next(asked.replies([ROW], decoding))
    assert streamed == whole
    assert "".join(pieces) == whole.completion


def test_an_error_within_a_stream_is_no_answer(
    one: TrainedFolder, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": "3 + 4."}}]},
        {"error": {"message": "out of memory"}},
    ]
    client = blocking_client.BlockingClient
    monkeypatch.setattr(client, "events", lambda *_: iter(events))
    pieces: list[str] = []
    asked = endpoint(one, served.url)
    said = refusal(asked.stream, ROW, Decoding((), BUDGET), pieces.append)
    assert pieces == ["3 + 4."]
    assert said.startswith(f"--endpoint {served.url}: the server broke off its answer:")
    assert "out of memory" in said


def test_a_url_of_completions_is_sent_the_prompt_as_text(
    one: TrainedFolder, served: Served
) -> None:
    asked = endpoint(one, f"{served.url}/completions")
    if one.way == "chat":
        message = refusal(lambda: next(asked.replies([ROW], Decoding((), BUDGET))))
        assert message.startswith("the tokenizer's chat template writes this prompt")
        return
    next(asked.replies([ROW], Decoding((), BUDGET)))
    assert served.prompts[0] in one.prompts
    assert "messages" not in served.bodies[0]


def test_the_key_comes_from_the_environment_alone(
    one: TrainedFolder, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    next(endpoint(one, served.url).replies([ROW], Decoding((), 1)))
    monkeypatch.setenv("MY_KEY", "secret")
    asked = endpoint(one, served.url, key_variable="MY_KEY")
    next(asked.replies([ROW], Decoding((), 1)))
    assert served.keys == [None, "Bearer secret"]
    served.failures += [401]
    message = refusal(lambda: next(asked.replies([ROW], Decoding((), 1))))
    assert "refuses (401)" in message
    assert "Put the server's key into the variable MY_KEY." in message
    assert "secret" not in message


def test_a_busy_server_is_asked_again_and_a_broken_one_given_up(
    one: TrainedFolder, served: Served
) -> None:
    asked = endpoint(one, served.url)
    served.failures += [429, 503]
    ((_, reply),) = next(asked.replies([ROW], Decoding((), 2)))
    assert reply.num_tokens == 2
    served.failures += [500] * 9
    message = refusal(lambda: next(asked.replies([ROW], Decoding((), 2))))
    assert "chat/completions: the server refuses (500)" in message
    assert "no luck 500" in message
    assert len(served.failures) == 5


def test_what_is_answered_before_a_server_breaks_is_kept(
    one: TrainedFolder, served: Served, tmp_path: Path
) -> None:
    asked = request(one, tmp_path, endpoint=served.url)
    out = tmp_path / "answers.jsonl"

    def break_it(done: int, total: int) -> None:
        if done == 1:
            served.failures += [400] * 99

    assert "(400)" in refusal(predict, asked, out, break_it)
    served.failures.clear()
    (partial,) = tmp_path.glob(".answers.jsonl.*.jsonl")
    kept = len(partial.read_text().splitlines())
    assert kept >= 1
    before = len(served.bodies)
    assert len(predict(asked, out)) == len(ROWS)
    assert len(served.bodies) - before == len(ROWS) - kept
    rows = [json.loads(line)["row"] for line in out.read_text().splitlines()]
    assert rows == [*range(1, len(ROWS) + 1)]


def test_of_several_models_one_has_to_be_named(
    one: TrainedFolder, served: Served
) -> None:
    served.names += ["other"]
    message = refusal(
        lambda: next(endpoint(one, served.url).replies([ROW], Decoding((), 1)))
    )
    assert message.endswith(
        "it serves tuned, other; name the model to ask with --endpoint-model."
    )
    asked = endpoint(one, served.url, model="other")
    next(asked.replies([ROW], Decoding((), 1)))
    assert served.bodies[0]["model"] == "other"


@pytest.mark.parametrize("lists", [True, False])
def test_a_server_that_lists_no_model_is_asked_for_the_folder(
    one: TrainedFolder, served: Served, lists: bool
) -> None:
    served.names.clear()
    served.lists = lists
    message = refusal(
        lambda: next(endpoint(one, served.url).replies([ROW], Decoding((), 1)))
    )
    assert "it serves nothing; name the model to ask" in message
    asked = endpoint(one, served.url, folder="outputs/run")
    next(asked.replies([ROW], Decoding((), 1)))
    assert served.bodies[0]["model"] == "outputs/run"
    served.failures += [400]
    message = refusal(lambda: next(asked.replies([ROW], Decoding((), 1))))
    assert message.endswith(
        "It was asked for outputs/run; --endpoint-model names another model."
    )


def test_the_folder_is_one_of_several_models(
    one: TrainedFolder, served: Served
) -> None:
    served.names += ["outputs/run"]
    asked = endpoint(one, served.url, folder="outputs/run")
    next(asked.replies([ROW], Decoding((), 1)))
    assert served.bodies[0]["model"] == "outputs/run"


def test_a_wrong_address_says_what_an_address_looks_like(
    one: TrainedFolder, served: Served
) -> None:
    wrong = served.url.removesuffix("/v1")
    asked = endpoint(one, f"{wrong}/v2", model="tuned")
    message = refusal(lambda: next(asked.replies([ROW], Decoding((), 1))))
    assert "refuses (404)" in message
    assert message.endswith("mostly ends in /v1.")
    nobody = endpoint(one, "http://127.0.0.1:9/v1", model="tuned")
    message = refusal(lambda: next(nobody.replies([ROW], Decoding((), 1))))
    assert "cannot be reached" in message


def test_what_others_still_bring_is_given_before_a_failure_is_raised() -> None:
    all_run, failed = Barrier(3), Event()

    def ask(at: int) -> tuple[int, Any]:
        all_run.wait()
        if at == 1:
            failed.set()
            raise OSError("broken")
        failed.wait()
        return at, None

    with ThreadPoolExecutor(3) as pool:
        answered = module._answered([pool.submit(ask, at) for at in range(3)])
        assert sorted(at for at, _ in (next(answered), next(answered))) == [0, 2]
        with pytest.raises(OSError, match="broken"):
            next(answered)
