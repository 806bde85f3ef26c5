"""Rows of local files, of a saved folder or of a hub dataset, all at hand at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import ReadRow, unpack
from axolotl_explain.sources.folder import folder_files, split_name
from axolotl_explain.sources.local_files import LocalFile, local_files, looks_like_file
from axolotl_explain.sources.packed_table import packed_table
from axolotl_explain.sources.raw_rows import add_columns, raw_rows
from axolotl_explain.sources.saved_dataset import is_saved, read_saved
from axolotl_explain.sources.split import OF_FILE, split_parts


class LocalRows(Sequence[ReadRow]):
    """The rows of local files, parsed when they are asked for.

    What a row leaves out is None, as in a table; a column that a recipe names is then
    missing only where no row has it.
    """

    def __init__(
        self,
        files: Sequence[LocalFile],
        split: str = OF_FILE,
        of_folder: bool = False,
    ) -> None:
        """
        Args:
            of_folder: whether the files are all of a split that has its own name.

        Raises:
            ExplainError: if a file cannot be read, or there is no such split.
        """
        raw = list(raw_rows(files))
        name = split_name(split) if of_folder else OF_FILE
        if split != name:
            try:
                parts = split_parts(split, {name: len(raw)})
            except ExplainError as error:
                raise ExplainError(f"{files[0].path}: {error}") from None
            raw = [one for _, start, stop in parts for one in raw[start:stop]]
        self.raw: list[bytes] = raw
        self.columns: dict[str, None] = {}
        add_columns(self.columns, raw)

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, place: int) -> ReadRow: ...

    @overload
    def __getitem__(self, place: slice) -> list[ReadRow]: ...

    def __getitem__(self, place: int | slice) -> ReadRow | list[ReadRow]:
        if isinstance(place, slice):
            return [self._row(raw) for raw in self.raw[place]]
        return self._row(self.raw[place])

    def to_list(self) -> list[ReadRow]:
        """All rows."""
        return self[:]

    def to_dataset(self) -> Any:
        """A packed `datasets.Dataset`: the rows, and their columns by name alone."""
        from datasets import Dataset

        return Dataset(packed_table(self.raw, self.columns))

    def _row(self, raw: bytes) -> ReadRow:
        row = unpack(raw)
        return {**self.columns, **row} if isinstance(row, Mapping) else row


def read_rows(
    path: str, split: str = OF_FILE, streaming: bool = False, name: str | None = None
) -> Any:
    """The rows of local files, or a `datasets.Dataset` of what is none.

    Args:
        path: a file, a pattern, a folder that `save_to_disk` wrote, or a hub dataset.
        streaming: give an `IterableDataset` of a hub dataset, which holds little of it
            at a time.
        name: of the configuration, where a hub dataset has several.

    Raises:
        ExplainError: if there is no such file, its kind is unknown, or it cannot be
            read.
    """
    files = local_files({"path": path}, default=None)
    if files is not None:
        return LocalRows(files, split)
    if is_saved(path):
        return read_saved(path, split)
    files = folder_files(path, split)
    if files is not None:
        return LocalRows(files, split, of_folder=True)
    if looks_like_file(path) and not Path(path).exists():
        raise ExplainError(
            f"{path}: there is no such file; paths start from the folder that the "
            "command is run in."
        )
    from datasets import load_dataset

    with readable(path):
        return load_dataset(path, name, split=split, streaming=streaming)


@contextmanager
def readable(path: str) -> Iterator[None]:
    """Turn what `datasets` raises for what it cannot read into `ExplainError`."""
    from datasets.exceptions import DatasetsError

    try:
        yield
    except ExplainError:
        raise
    except StopIteration:
        raise ExplainError(f"{path}: the file is empty; write rows to it.") from None
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> ExplainError:
    """What to say of what `datasets` cannot read."""
    cause = str(error.__cause__ or error).strip()
    hint = "it is whole and of the kind that its name says"
    if not Path(path).exists():
        hint = "the name is right and the hub can be reached"
    return ExplainError(f"{path}: cannot be read ({cause}); check that {hint}.")
