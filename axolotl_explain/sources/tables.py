"""Rows of a file or of a hub dataset, read by `datasets`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError

BUILDERS = {".jsonl": "json", ".json": "json", ".parquet": "parquet"}
SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_rows(
    path: str, split: str = "train", streaming: bool = False, name: str | None = None
) -> Any:
    """A `datasets.Dataset` of the rows of a local file, or of a hub dataset's split.

    Args:
        streaming: give an `IterableDataset`, which holds little of the file at a time.
        name: of the configuration, where a hub dataset has several.

    Raises:
        ExplainError: if there is no such file, its kind is unknown, or it cannot be
            parsed.
    """
    file = Path(path)
    known = (*BUILDERS, *SEPARATORS)
    if not file.is_file():
        if file.suffix in known:
            raise ExplainError(
                f"{path}: there is no such file; paths start from the folder that the "
                "command is run in."
            )
        return _load(path, path, name, split=split, streaming=streaming)
    if file.suffix in SEPARATORS:
        return read_delimited(path, SEPARATORS[file.suffix], split, streaming)
    if file.suffix in BUILDERS:
        kind = BUILDERS[file.suffix]
        return _load(path, kind, data_files=path, split=split, streaming=streaming)
    raise ExplainError(f"{path}: unknown kind of file; use {', '.join(known)}.")


def read_delimited(
    path: str, separator: str, split: str = "train", streaming: bool = False
) -> Any:
    """Rows of a CSV or TSV file with every field as the text that stands there.

    An empty field is an empty text.

    Raises:
        ExplainError: if it cannot be parsed.
    """
    from datasets import Features, Value

    return _load(
        path,
        "csv",
        data_files=path,
        split=split,
        streaming=streaming,
        sep=separator,
        features=Features(dict.fromkeys(_header(path, separator), Value("string"))),
        keep_default_na=False,
    )


def _header(path: str, separator: str) -> list[str]:
    """The names of the columns; texts are asked for by name."""
    import pandas

    try:
        return [str(name) for name in pandas.read_csv(path, sep=separator, nrows=0)]
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def _load(path: str, *arguments: Any, **options: Any) -> Any:
    from datasets import load_dataset

    with readable(path):
        return load_dataset(*arguments, **options)


@contextmanager
def readable(path: str) -> Iterator[None]:
    """Turn what `datasets` raises for what it cannot read into `ExplainError`."""
    from datasets.exceptions import DatasetsError

    try:
        yield
    except StopIteration:
        raise ExplainError(f"{path}: the file is empty; write rows to it.") from None
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> ExplainError:
    """What to say of a file that `datasets` cannot read."""
    cause = str(error.__cause__ or error).strip()
    hint = "it is whole and of the kind that its name says"
    if not Path(path).is_file():
        hint = "the name is right and the hub can be reached"
    return ExplainError(f"{path}: cannot be read ({cause}); check that {hint}.")
