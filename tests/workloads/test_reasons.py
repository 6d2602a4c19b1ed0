"""Reasons as text: on one line, with what to do, and with no path of this machine."""

import numpy as np
import pytest

from workloads import reasons


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cannot open '/usr/her/data.npy'", "cannot open 'data.npy'"),
        ('File "/usr/her/my.py", line 3', 'File "my.py", line 3'),
        ("/usr/lib/python3/x.py:12: oops", "x.py:12: oops"),
        ("1/2 of a/b, see http://example.invalid/a/b", "1/2 of a/b, see http://example.invalid/a/b"),
        ("two\n  lines", "two lines"),
        ("x" * 999, "x" * 300),
    ],
)
def test_a_reason_tells_no_folder_of_this_machine(text, told):
    """Bundles travel; what is not a path stays as it is."""
    assert reasons.told(text) == told


def test_writing_into_inputs_is_answered_with_what_to_do():
    """In both of NumPy's wordings; another error that is about reading only is left alone."""
    array = np.zeros(2)
    array.setflags(write=False)
    for write in (lambda: array.__iadd__(1), lambda: array.__setitem__(0, 1)):
        with pytest.raises(ValueError, match="read-only") as raised:
            write()
        assert "copy them first" in reasons.with_hint(reasons.one_line(raised.value))
    assert reasons.with_hint("OSError: Read-only file system") == "OSError: Read-only file system"
