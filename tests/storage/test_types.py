"""Columns give back what was put into them, and nothing that is not theirs."""

from __future__ import annotations

import json
import zlib

import pytest

from storage import types
from storage.address import StorageError

PACKED = types.Packed()


def packed(text):
    return zlib.compress(text.encode())


def test_a_packed_document_comes_back():
    """None as SQL's null, so that a query can tell."""
    document = [{"seed": 1, "first_call": None, "cores": [0, 1]}]
    stored = PACKED.process_bind_param(document, None)
    assert PACKED.process_result_value(stored, None) == document
    assert PACKED.process_bind_param(None, None) is None
    assert PACKED.process_result_value(None, None) is None


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (packed("[1, 2"), "Expecting"),
        (packed(json.dumps(list(range(1000))))[:-9], "cut off"),
        (b"{}", "incorrect header"),
        (packed(" " * (types.MAX_UNPACKED_BYTES + 1)), "more than 64 MiB"),
    ],
)
def test_what_is_damaged_is_said(stored, said):
    """Also what would unpack to more than any bundle holds, which is never held."""
    with pytest.raises(StorageError, match=f"packed document in the database is damaged: .*{said}"):
        PACKED.process_result_value(stored, None)
