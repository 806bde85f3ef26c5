"""A recipe against the memory of a card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from axolotl_explain.checking.gpu_memory import GpuMemory, check_memory
from axolotl_explain.cli import main
from axolotl_explain.memory import estimate, model_config
from axolotl_explain.support.yaml_file import read_recipe

ROOT = Path(__file__).parents[2]
RECIPE = read_recipe(str(ROOT / "recipes/llama/qlora-8b.yml"))


@pytest.fixture
def needed() -> float:
    """What the estimate says, in GiB."""
    return estimate(RECIPE, model_config(RECIPE)).gib


@pytest.mark.parametrize(
    ("share", "code"),
    [(0.99, "memory-too-small"), (1.05, "memory-tight"), (1.2, "memory-fits")],
)
def test_the_card_decides_what_is_found(needed: float, share: float, code: str) -> None:
    finding, found = check_memory(RECIPE, GpuMemory(needed * share))
    assert finding.code == code
    assert found is not None
    assert finding.message.startswith(f"{needed:.1f} of ")


def test_an_unknown_architecture_is_a_note_and_has_no_estimate(tmp_path: Path) -> None:
    config = {"model_type": "nosuch", "architectures": ["NoSuchForCausalLM"]}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    finding, found = check_memory(
        {**RECIPE, "base_model": str(tmp_path)}, GpuMemory(24)
    )
    assert (finding.code, finding.severity, found) == ("memory-unknown", "note", None)


def test_a_card_that_is_too_small_ends_check_with_one_and_shows_each_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    arguments = ["check", "recipes/llama/qlora-8b.yml", "--memory"]
    small = CliRunner().invoke(main, [*arguments, "4"])
    assert small.exit_code == 1
    for part in ("weights", "gradients", "optimizer", "activations", "logits", "total"):
        assert part in small.output
    large = CliRunner().invoke(main, [*arguments, "80", "--json"])
    assert large.exit_code == 0
    content = json.loads(large.stdout)
    parts = content["memory"]["items"]
    assert content["memory"]["total"] == sum(one["bytes"] for one in parts)
    assert "memory-fits" in [one["code"] for one in content["findings"]]
