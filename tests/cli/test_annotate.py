"""The command: what it refuses, what it shows, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from axolotl_explain.cli import main
from axolotl_explain.teacher import teacher_client
from tests.fixtures.json_rows import read_rows, write_rows
from tests.fixtures.stub_teacher import Body, Fault, Stub, completion, stub_teacher
from tests.teacher.teaching import sum_of

ROWS = [sum_of(number) for number in range(24)]
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(teacher_client, "FIRST_WAIT", 0.01)
    write_rows(tmp_path / "rows.jsonl", ROWS)
    return tmp_path


def annotate(*options: str, url: str = NOWHERE) -> Result:
    line = ["annotate", "rows.jsonl", "--endpoint", url, "--model", "teacher"]
    return CliRunner().invoke(main, [*line, "--out", "explained.jsonl", *options])


def refused(*options: str, **keys: Any) -> str:
    """The one error of a command that leaves nothing behind."""
    done = annotate(*options, **keys)
    assert done.exit_code == 1, done.output
    assert {path.name for path in Path().iterdir()} <= {"rows.jsonl", "prompts", "run"}
    (line,) = [one for one in done.output.splitlines() if one.startswith("Error: ")]
    return line + done.output.partition(line)[2]


def test_rows_are_explained_and_what_came_of_it_is_shown(here: Path) -> None:
    with stub_teacher() as stub:
        prices = ("--price-in", "1", "--price-out", "2")
        done = annotate(*prices, url=stub.url)
    assert done.exit_code == 0, done.output
    rows = read_rows(here / "explained.jsonl")
    assert [row["id"] for row in rows] == [row["id"] for row in ROWS]
    assert all(set(row["explanations"]) == {"short", "medium", "long"} for row in rows)
    assert rows[0]["meta"]["teacher"] == {"model": "teacher", "mode": "sample"}
    for said in (
        "24 of 24 rows are explained.",
        "72 replies, 3,600 tokens asked and 1,440 answered, 0.0065 in all",
        "After 20 replies: all rows will take about 72 replies, 0.01",
        "Wrote explained.summary.html.",
        "All replies are in explained.ledger.jsonl.",
    ):
        assert said in " ".join(done.output.split())
    summary = json.loads((here / "explained.summary.json").read_text())
    assert summary["explained"] == 24
    again = annotate(url=stub.url)
    assert again.exit_code == 1
    assert "the file exists; name another, or pass --overwrite" in again.output


def test_what_it_writes_passes_check_and_is_read_as_it_is(here: Path) -> None:
    with stub_teacher() as stub:
        assert annotate(url=stub.url).exit_code == 0
    line = ["convert", "explained.jsonl", "--out", "again.jsonl"]
    assert CliRunner().invoke(main, line).exit_code == 0
    assert read_rows(here / "again.jsonl") == read_rows(here / "explained.jsonl")


def test_a_dry_run_shows_three_prompts_and_asks_nothing(here: Path) -> None:
    done = annotate("--dry-run")
    assert done.exit_code == 0, done.output
    assert done.output.count("Final answer: <answer>") == 3
    assert "Add the two numbers." in done.output
    told = "24 rows, 24 to be explained: 72 requests if each try is right, at most 288."
    assert told in " ".join(done.output.split())
    assert [path.name for path in here.iterdir()] == ["rows.jsonl"]


def test_a_few_rows_can_be_tried_first(here: Path) -> None:
    with stub_teacher() as stub:
        assert annotate("--limit", "3", url=stub.url).exit_code == 0
        assert len(read_rows(here / "explained.jsonl")) == 3
        assert annotate("--overwrite", url=stub.url).exit_code == 0
    assert len(read_rows(here / "explained.jsonl")) == 24
    assert set(stub.asked.values()) == {1}


def test_at_the_limit_the_file_is_written_and_the_code_says_so(here: Path) -> None:
    with stub_teacher() as stub:
        done = annotate("--max-tokens", "8000", url=stub.url)
        assert done.exit_code == 3, done.output
        assert "The limit is reached" in done.output
        assert len(read_rows(here / "explained.jsonl")) == 24
        more = annotate("--max-tokens", "900000", "--overwrite", url=stub.url)
    assert more.exit_code == 0, more.output
    assert "The ledger has" in more.output
    assert set(stub.asked.values()) == {1}


def test_rows_that_find_none_keep_their_answer_or_are_left_out(here: Path) -> None:
    def only_even(body: Body, times: int) -> Body | Fault:
        from tests.fixtures.stub_teacher import explained

        text = explained(body)
        even = int(text.split()[-1]) % 2 == 0
        return completion(text if even else "No.\nFinal answer: none")

    with stub_teacher(only_even) as stub:
        done = annotate("--tries", "2", url=stub.url)
        assert done.exit_code == 0, done.output
        rows = read_rows(here / "explained.jsonl")
        assert [row for row in rows if "explanations" not in row] == ROWS[::2]
        assert "on_missing_level: answer_only" in done.output
        more = ("--tries", "2", "--only-explained", "--overwrite", "--from-ledger")
        assert annotate(*more).exit_code == 0
    left = read_rows(here / "explained.jsonl")
    assert [row["id"] for row in left] == [row["id"] for row in ROWS[1::2]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--max-cost", "1"), "--max-cost: what a reply costs is not known"),
        (("--price-in", "1"), "give both, or none"),
        (("--levels", "long,none"), "--levels 'none': no level with an explanation"),
        (("--agree", "3/2"), "--agree '3/2': write M/K, such as 2/3"),
        (("--agree", "2/3", "--tries", "9"), "leave out --tries"),
        (("--body", "{"), "--body: this is no JSON"),
        (("--body", '{"n": 4}'), "--body: n cannot be set here"),
        (("--out", "x.txt"), "name a file ending in .jsonl or .parquet"),
        (("--from-ledger",), "there is no ledger explained.ledger.jsonl"),
        (("--columns", "x"), "write PART=COLUMN"),
        (("--preset", "gsm8k", "--recipe", "rows.jsonl"), "leave out one of the two"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], said: str) -> None:
    assert said in refused(*options)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (NOWHERE, "the server cannot be reached"),
        ("localhost:8000", "write a whole URL"),
        ("http://user:secret@localhost/v1", "the URL holds a user or password"),
        ("http://localhost/v1/completions", "leave out /completions"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(url: str, said: str) -> None:
    message = refused(url=url)
    assert said in message
    assert "secret" not in message


def test_prompts_and_a_trained_folder_exclude_each_other(here: Path) -> None:
    (here / "run").mkdir()
    (here / "prompts").mkdir()
    both = ("--asked-as", "run", "--prompts", "prompts")
    assert "gets no other prompt" in refused(*both)
    assert "has no explain.json" in refused("--asked-as", "run")


def test_further_fields_of_a_request_are_sent_and_null_takes_one_out() -> None:
    bodies: list[Body] = []

    def keep(body: Body, times: int) -> Body | Fault:
        bodies.append(body)
        return Fault(402, "")

    body = '{"seed": null, "chat_template_kwargs": {"enable_thinking": false}}'
    with stub_teacher(keep) as stub:
        refused("--body", body, "--max-new-tokens", "77", url=stub.url)
    (sent,) = bodies
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}
    assert "seed" not in sent
    assert (sent["max_tokens"], sent["temperature"]) == (77, 0.7)


def test_a_key_never_stands_on_the_command_line() -> None:
    done = CliRunner().invoke(main, ["annotate", "--help"])
    assert "--key-variable" in done.output
    assert "--api-key" not in done.output


def test_other_sources_are_read_as_convert_reads_them(here: Path) -> None:
    (here / "rows.jsonl").unlink()
    (here / "rows.csv").write_text("question,a\nWhat is 2 and 5?,7\n")
    asked: Stub
    with stub_teacher() as asked:
        line = ["annotate", "rows.csv", "--endpoint", asked.url, "--model", "teacher"]
        columns = ["--columns", "instruction=question", "--columns", "answer=a"]
        out = ["--out", "explained.parquet"]
        done = CliRunner().invoke(main, [*line, *columns, *out])
    assert done.exit_code == 0, done.output
    assert (here / "explained.parquet").is_file()
