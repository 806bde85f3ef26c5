"""What decides the completions of an evaluation decides its fingerprint."""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.completions_fingerprint import (
    data_digest,
    fingerprint,
    model_digest,
)
from axolotl_explain.results.store import METRICS


def test_what_decides_completions_decides_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    before = model_digest(str(tmp_path))
    (tmp_path / "trainer_state.json").write_text("{}")
    (tmp_path / METRICS).write_text("{}")
    assert model_digest(str(tmp_path)) == before
    (tmp_path / "adapter_model.safetensors").write_bytes(b"other")
    assert model_digest(str(tmp_path)) != before
    assert model_digest("org/on-the-hub") is None
    assert fingerprint({"model": before}) == fingerprint({"model": before})
    assert fingerprint({"model": before}) != fingerprint({"model": None})
    one, two = Example("2 + 2", "4"), Example("2 + 2", "5")
    assert data_digest({1: one}) != data_digest({1: two})
    assert data_digest({1: one, 2: two}) != data_digest({1: two, 2: one})
    assert data_digest({1: one}) != data_digest({2: one})
