"""A file is there whole, or not at all, and takes nobody's place unasked."""

import errno
import os

import pytest

from storage import whole_file
from storage.whole_file import CannotWrite, written_whole


@pytest.fixture(params=["links", "one name"])
def path(request, tmp_path, monkeypatch):
    """A file that can be written; also where the file system gives a file one name only, as FAT does."""
    if request.param == "one name":

        def link(*_):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(whole_file.os, "link", link)
    return tmp_path / "folder" / "file"


def write(path, text, then=lambda: None, **options):
    """Write a file, and let something happen before it is finished."""
    with written_whole(path, **options) as part:
        part.write_text(text)
        then()


def stop():
    raise KeyboardInterrupt


def test_it_has_its_name_once_it_is_whole(path):
    """In a folder that is made; nothing else stays there."""
    seen = []
    write(path, "all of it", lambda: seen.append(path.exists()))
    assert (seen, path.read_text(), os.listdir(path.parent)) == ([False], "all of it", ["file"])


def test_what_is_not_finished_leaves_nothing(path):
    """Whatever stopped it; one that was there stays."""
    with pytest.raises(KeyboardInterrupt):
        write(path, "half", stop)
    assert os.listdir(path.parent) == []
    path.write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        write(path, "half", stop, overwrite=True)
    assert (path.read_text(), os.listdir(path.parent)) == ("mine", ["file"])


def test_one_that_appears_meanwhile_is_not_replaced(path):
    """Unless that is asked for."""
    with pytest.raises(CannotWrite, match=r"cannot write .*file \(File exists\)"):
        write(path, "ours", lambda: path.write_text("theirs"))
    assert (path.read_text(), os.listdir(path.parent)) == ("theirs", ["file"])
    write(path, "ours", overwrite=True)
    assert (path.read_text(), os.listdir(path.parent)) == ("ours", ["file"])


def test_where_no_file_can_be_that_is_said(tmp_path):
    """A folder of that name, or a file where its folder should be."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "folder", tmp_path / "file" / "file"):
        with pytest.raises(CannotWrite, match="cannot write"):
            write(path, "ours", overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
