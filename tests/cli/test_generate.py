"""The command that writes problems."""

import hashlib
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from axolotl_explain.cli.generate import generate
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.tasks import verify_row

SMALL = ["--train", "30", "--validation", "5", "--test", "10", "--test-long", "10"]


def run(command, out, *options, sizes=SMALL):
    given = [command, "--out", str(out), *sizes, *map(str, options)]
    return CliRunner().invoke(generate, given)


def succeed(*arguments, **options):
    result = run(*arguments, **options)
    assert result.exception is None, result.exception
    return result.output


def fail(*arguments, **options):
    result = run(*arguments, **options)
    assert isinstance(result.exception, ExplainError), result.output
    return str(result.exception)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*")}


every_command = pytest.mark.parametrize("command", ["listops", "modular-sum"])


@every_command
def test_rows_have_all_levels_and_verify(command, tmp_path):
    succeed(command, tmp_path / "data")
    for name, rows in [("train", 30), ("validation", 5), ("test", 10)]:
        lines = (tmp_path / "data" / f"{name}.jsonl").read_text().splitlines()
        assert len(lines) == rows
        for row in map(json.loads, lines):
            assert list(row) == [
                "id",
                "instruction",
                "input",
                "answer",
                "explanations",
                "meta",
            ]
            assert Example.from_row(row).to_row() == row
            verdicts = verify_row(row)
            assert list(verdicts) == ["short", "medium", "long"]
            assert all(verdict.valid for verdict in verdicts.values())


@every_command
def test_the_same_command_gives_the_same_bytes(command, tmp_path):
    for name in ("one", "two"):
        succeed(command, tmp_path / name, "--seed", 7)
    succeed(command, tmp_path / "three", "--seed", 8)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert content(tmp_path / "one") != content(tmp_path / "three")


@every_command
def test_the_manifest_says_what_the_files_are(command, tmp_path):
    succeed(command, tmp_path, "--seed", 7, "--test-long", 0)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["task"] == command.replace("-", "_")
    assert manifest["seed"] == 7
    assert set(manifest["files"]) == {"train.jsonl", "validation.jsonl", "test.jsonl"}
    for name, entry in manifest["files"].items():
        data = (tmp_path / name).read_bytes()
        assert entry["rows"] == data.count(b"\n")
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()


def test_the_output_says_what_was_written_where(tmp_path):
    lines = succeed("modular-sum", tmp_path / "data").splitlines()
    assert lines[-1] == f"Wrote 55 modular_sum problems to {tmp_path / 'data'}."
    assert lines[0].startswith("  train.jsonl       30 rows, list_length ")


@pytest.mark.parametrize("command", ["modular-sum", "labelled-sum"])
def test_wider_numbers_have_a_modulus_to_match(command, tmp_path):
    sizes = ["--train", "40", "--validation", "0", "--test", "0", "--test-long", "0"]
    shorter = ("--min-length", 3, "--max-length", 5)
    for name, options, modulus in (
        ("wide", ("--max-value", 99), 100),
        ("narrow", ("--max-value", 4), 10),
        ("own", ("--max-value", 99, "--modulus", 7), 7),
    ):
        succeed(command, tmp_path / name, *shorter, *options, sizes=sizes)
        text = (tmp_path / name / "train.jsonl").read_text()
        rows = [json.loads(line) for line in text.splitlines()]
        assert {row["meta"]["modulus"] for row in rows} == {modulus}
        assert all(one.valid for row in rows for one in verify_row(row).values())
    assert "--modulus 0: it must be at least 2" in fail(
        command, tmp_path / "none", "--modulus", 0
    )


def test_the_output_says_what_is_kept_apart(tmp_path):
    said = succeed("modular-sum", tmp_path / "new")
    assert "No two splits share a problem, in any order of its arguments." in said
    said = succeed("modular-sum", tmp_path / "old", "--drawing", 1)
    assert "No two splits share a text" in said
    assert "--drawing 3: problems are drawn in the ways 1 and 2" in fail(
        "modular-sum", tmp_path / "none", "--drawing", 3
    )


def test_a_generation_of_before_there_were_drawings_is_of_the_first(tmp_path):
    succeed("modular-sum", tmp_path, "--drawing", 1)
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["drawing"]
    path.write_text(json.dumps(manifest))
    kept = succeed("modular-sum", tmp_path, "--drawing", 1)
    assert "holds exactly this already" in kept
    assert "differs in its drawing" in fail("modular-sum", tmp_path)


def test_a_generation_with_the_same_options_is_kept(tmp_path):
    succeed("listops", tmp_path)
    written = (tmp_path / "train.jsonl").stat().st_mtime_ns
    assert "holds exactly this already" in succeed("listops", tmp_path)
    assert "holds exactly this already" in succeed("listops", tmp_path, "--overwrite")
    assert (tmp_path / "train.jsonl").stat().st_mtime_ns == written


def test_an_earlier_generation_is_replaced_only_on_demand(tmp_path):
    succeed("listops", tmp_path)
    before = content(tmp_path)
    message = fail("listops", tmp_path, "--seed", 1)
    assert "an earlier generation, which differs in its seed" in message
    assert content(tmp_path) == before
    succeed("listops", tmp_path, "--seed", 1, "--test", 0, "--overwrite")
    assert "test.jsonl" not in content(tmp_path)


def test_a_changed_file_is_noticed(tmp_path):
    succeed("listops", tmp_path)
    before = content(tmp_path)
    (tmp_path / "test.jsonl").write_text("{}\n")
    assert "has a test.jsonl that was changed since" in fail("listops", tmp_path)
    succeed("listops", tmp_path, "--overwrite")
    assert content(tmp_path) == before


@pytest.mark.parametrize("generated", [True, False])
def test_files_of_others_are_never_replaced(tmp_path, generated):
    if generated:
        succeed("listops", tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    before = content(tmp_path)
    message = fail("listops", tmp_path, "--seed", 1, "--overwrite")
    assert "'notes.txt', which no generation has written" in message
    assert content(tmp_path) == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "data").write_text("mine")
    assert "this is a file; name a folder" in fail("listops", tmp_path / "data")
    assert "cannot be written" in fail("listops", tmp_path / "data" / "deeper")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_interruption_leaves_nothing(tmp_path, monkeypatch, error):
    def interrupted(*arguments):
        raise error

    monkeypatch.setattr("json.dumps", interrupted)
    assert run("listops", tmp_path / "new" / "data").exit_code != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("listops", ["--min-length", "60"], "--min-length 60: it must not be above"),
        ("listops", ["--operators", "MIN,FOO"], "--operators MIN,FOO: 'FOO' is no"),
        ("listops", ["--operators", ""], "--operators '': none is named"),
        ("listops", ["--test-long-max-length", "50"], "--test-long-max-length 50: "),
        ("listops", ["--max-depth", "1"], "--max-length 50: with --max-depth 1"),
        ("listops", ["--on-bad-row", "skip"], "--on-bad-row skip: "),
        ("modular-sum", ["--modulus", "1"], "--modulus 1: it must be at least 2"),
        ("modular-sum", ["--max-length", "3"], "--min-length 5: it must not be above"),
        ("modular-sum", ["--train", "-1"], "--train -1: it must be at least 0"),
    ],
)
def test_bad_options_are_named_as_typed_and_nothing_is_written(
    tmp_path, command, options, message
):
    assert message in fail(command, tmp_path / "data", *options)
    assert list(tmp_path.iterdir()) == []


def test_the_largest_addend_follows_the_modulus(tmp_path):
    succeed("modular-sum", tmp_path, "--modulus", 3)
    rows = (tmp_path / "train.jsonl").read_text().splitlines()
    problems = "".join(json.loads(row)["input"] for row in rows)
    assert set(problems) == set("012 +")


def test_problems_are_read_from_a_file(tmp_path):
    source, out = tmp_path / "basic.tsv", tmp_path / "basic.jsonl"
    source.write_text("Source\tTarget\n( ( ( [SUM 15 ) 28 ) ] )\t3\n[MED 4 9 ]\t7\n")
    arguments = ["--from", str(source), "--on-bad-row", "skip"]
    output = succeed("listops", out, *arguments, sizes=[])
    assert "skipped 1 with wrong target; the first is on line 3" in output
    assert output.endswith(f"Wrote 1 listops problems to {out}.\n")
    row = json.loads(out.read_text())
    assert (row["input"], row["answer"]) == ("[SM 15 28 ]", "3")
    assert "the file exists" in fail("listops", out, *arguments, sizes=[])
    assert "Wrote 1" in succeed("listops", out, *arguments, "--overwrite", sizes=[])


def test_reading_refuses_what_it_would_ignore(tmp_path):
    arguments = ["--from", str(tmp_path / "x.tsv")]
    assert "--train 30: --from reads" in fail(
        "listops", tmp_path / "x.jsonl", *arguments
    )
    message = fail("listops", tmp_path / "folder", *arguments, sizes=[])
    assert "name a file ending in .jsonl" in message


def test_help_loads_nothing_heavy():
    code = (
        "import sys, axolotl_explain.cli.generate\n"
        "heavy = {'torch', 'transformers', 'datasets', 'axolotl'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
