"""An explanation is shown as it is written, and never a piece of the answer line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from axolotl_explain.core.reply import read_reply
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.evaluation.predictor import load_predictor
from axolotl_explain.evaluation.streamed import ShownExplanation, stream_reply
from tests.fixtures.openai_server import serving
from tests.fixtures.trained_folders import TrainedFolder

Train = Callable[[str], TrainedFolder]
COMPLETIONS = {
    "an explanation first": "3 + 4 = 7.\n\nSo it is 7.\nFinal answer: 7",
    "an answer alone": "Final answer: 7",
    "no answer": "I do not know, and finally",
    "words like the marker": "Finally, we add.\nFinal answers vary.\nFinal answer: 7",
    "thoughts": "<think>\n3, then 4.\n</think>\n\nFinal answer: 7",
    "thoughts that the prompt opens": "3, then 4.\n</think>\n\nFinal answer: 7",
}


@pytest.mark.parametrize("order", ["explanation_first", "answer_first"])
@pytest.mark.parametrize("text", COMPLETIONS.values(), ids=COMPLETIONS)
def test_its_pieces_are_the_explanation_of_the_whole(text: str, order: str) -> None:
    layout = TargetFormat(order)  # type: ignore[arg-type]
    prompt = "Add.<think>\n" if "</think>" in text and "<think>" not in text else ""
    said: list[str] = []
    shown = ShownExplanation(layout, said.append, prompt)
    for end in range(1, len(text) + 1):
        shown.update(text[:end])
    read = read_reply(text, layout, prompt)
    shown.finish(read)
    assert "".join(said) == read.explanation
    if order == "explanation_first" and read.explanation:
        assert len(said) > 3


def test_a_character_that_is_not_whole_yet_waits() -> None:
    said: list[str] = []
    shown = ShownExplanation(TargetFormat(), said.append)
    shown.update("It is \ufffd")
    shown.update("It is é")
    assert "".join(said) == "It is é"


@pytest.mark.training
@pytest.mark.parametrize("where", ["here", "behind an endpoint"])
def test_a_question_is_answered_as_a_row_is(trained_folder: Train, where: str) -> None:
    folder = str(trained_folder("chat").folder)
    with serving(trained_folder("chat").folder) as served:
        request = PredictionRequest(
            model=folder,
            max_new_tokens=12,
            endpoint=served.url if where != "here" else None,
        )
        predictor = load_predictor(request)
        example = predictor.prompts.question("Add the two numbers.", "1 5")
        from axolotl_explain.core.training_row import TrainingRow

        row = TrainingRow.of(example, "long")
        said: list[str] = []
        read, reply = stream_reply(predictor, request, row, said.append)
        ((_, whole),) = next(predictor.replies([row], request))
    assert reply == whole
    assert "".join(said) == read.explanation
