"""Folders that are written as a whole or not at all."""

import os
import signal
import threading
import time

import pytest

from axolotl_explain.support.whole_output import whole_file, whole_folder


def content(root):
    return {
        str(path.relative_to(root)): path.read_text() if path.is_file() else None
        for path in root.rglob("*")
    }


def test_a_finished_folder_takes_its_place(tmp_path):
    with whole_folder(tmp_path / "new" / "data") as draft:
        (draft / "a").write_text("1")
        assert not (tmp_path / "new").exists()
    assert content(tmp_path) == {"new": None, "new/data": None, "new/data/a": "1"}


def test_a_finished_folder_replaces_the_earlier_one(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").write_text("0")
    with whole_folder(tmp_path / "data") as draft:
        (draft / "a").write_text("1")
    assert content(tmp_path) == {"data": None, "data/a": "1"}


def fail_after_writing(draft, error):
    (draft / "a" if draft.is_dir() else draft).write_text("1")
    raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError])
@pytest.mark.parametrize("whole", [whole_folder, whole_file])
def test_an_exception_leaves_all_as_it_was(tmp_path, whole, error):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").write_text("0")
    before = content(tmp_path)
    for out in ("data", "deep/er/data"):
        with pytest.raises(error), whole(tmp_path / out) as draft:
            fail_after_writing(draft, error)
    assert content(tmp_path) == before


def be_terminated_after_writing(draft):
    (draft / "a").write_text("1")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)


def test_sigterm_leaves_all_as_it_was_and_its_handler_too(tmp_path):
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught, whole_folder(tmp_path / "data") as draft:
        be_terminated_after_writing(draft)
    assert caught.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is handler
    assert content(tmp_path) == {}


def test_a_signal_during_renaming_waits_until_all_is_in_place(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    rename = os.rename

    def interrupted(source, target):
        os.kill(os.getpid(), signal.SIGINT)
        rename(source, target)

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "data") as draft:
        (draft / "a").write_text("1")
    assert content(tmp_path) == {"data": None, "data/a": "1"}


def test_where_renaming_fails_the_earlier_folder_stays(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").write_text("0")
    rename = os.rename

    def refused(source, target):
        if str(source).endswith(".partial"):
            raise PermissionError("no")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(PermissionError), whole_folder(tmp_path / "data") as draft:
        (draft / "a").write_text("1")
    assert content(tmp_path) == {"data": None, "data/old": "0"}


def test_other_threads_can_write_too(tmp_path):
    def write():
        with whole_folder(tmp_path / "data") as draft:
            (draft / "a").write_text("1")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert content(tmp_path) == {"data": None, "data/a": "1"}
