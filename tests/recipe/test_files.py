"""Files: which are local, which are missing, what is in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from axolotl_explain.recipe.files import digests, missing_file


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "train.jsonl",
        "data/train.parquet",
        "./train",
        "/data/train",
        "~/train",
        "some/deep/folder",
    ],
)
def test_a_local_path_that_is_not_there_is_missing(path: str) -> None:
    assert missing_file({"path": path}) == ("path", path)


@pytest.mark.parametrize(
    "path", ["org/name", "name", "s3://bucket/train.jsonl", "https://a.b/c/train.csv"]
)
def test_a_name_on_a_hub_or_elsewhere_is_not_looked_for(path: str) -> None:
    assert missing_file({"path": path}) is None


def test_a_file_that_is_there_is_not_missing() -> None:
    Path("train.jsonl").touch()
    assert missing_file({"path": "train.jsonl"}) is None


def test_data_files_of_a_local_folder_are_looked_for() -> None:
    Path("data").mkdir()
    Path("data/a.jsonl").touch()
    entry = {"path": "data", "data_files": ["data/a.jsonl", "data/b.jsonl"]}
    assert missing_file(entry) == ("data_files", "data/b.jsonl")


def test_data_files_of_a_hub_dataset_are_on_the_hub() -> None:
    assert missing_file({"path": "org/name", "data_files": "train.jsonl"}) is None


def test_digests_are_those_of_the_content() -> None:
    Path("data/deep").mkdir(parents=True)
    contents = {"data/a.jsonl": b"one", "data/deep/b.jsonl": b"two"}
    for name, content in contents.items():
        Path(name).write_bytes(content)
    expected = {
        name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
    }
    assert digests({"path": "data"}) == expected


def test_a_digest_changes_with_the_content_and_not_with_the_time() -> None:
    file = Path("a.jsonl")
    file.write_text("one")
    first = digests({"path": "a.jsonl"})
    file.write_text("two")
    second = digests({"path": "a.jsonl"})
    file.write_text("one")
    assert first != second
    assert digests({"path": "a.jsonl"}) == first


def test_what_is_not_local_has_no_digest() -> None:
    assert digests({"path": "org/name", "data_files": ["train.jsonl"]}) == {}
    assert digests({}) == {}


def test_a_pattern_is_there_where_it_finds_a_file() -> None:
    Path("parts").mkdir()
    entry = {"path": "parts", "data_files": "parts/*.jsonl"}
    assert missing_file(entry) == ("data_files", "parts/*.jsonl")
    Path("parts/a.jsonl").write_bytes(b"one")
    assert missing_file(entry) is None
    assert digests(entry) == {"parts/a.jsonl": hashlib.sha256(b"one").hexdigest()}


def test_data_files_of_a_builder_are_on_this_machine() -> None:
    entry = {"path": "json", "data_files": "a.jsonl"}
    assert missing_file(entry) == ("data_files", "a.jsonl")
    Path("a.jsonl").write_bytes(b"one")
    assert missing_file(entry) is None
    assert list(digests(entry)) == ["a.jsonl"]


def test_a_name_with_brackets_is_a_name_where_there_is_such_a_file() -> None:
    Path("train [v2].jsonl").touch()
    assert missing_file({"path": "train [v2].jsonl"}) is None
    assert list(digests({"path": "train [v2].jsonl"})) == ["train [v2].jsonl"]
