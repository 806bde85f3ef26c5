"""Files: which are local, which are missing, what is in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from axolotl_explain.recipe.files import delimiter, digests, is_tsv, missing_file


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


@pytest.mark.parametrize(
    ("name", "ds_type", "separator"),
    [
        ("a.csv", None, ","),
        ("a.csv.gz", None, ","),
        ("a.tsv", None, "\t"),
        ("a.tsv", "csv", "\t"),
        ("a.txt", "csv", ","),
        ("a.jsonl", "json", None),
    ],
)
def test_columns_are_separated_as_the_name_or_ds_type_says(
    name: str, ds_type: str | None, separator: str | None
) -> None:
    Path(name).touch()
    assert delimiter({"path": name, "ds_type": ds_type}) == separator


def test_a_file_that_is_not_local_has_no_separator_here() -> None:
    assert delimiter({"path": "hub.csv"}) is None


def test_only_tsv_is_tsv() -> None:
    assert is_tsv({"path": "a/b.tsv"})
    assert not any(is_tsv({"path": path}) for path in ("a.csv", "a/tsv", None))
