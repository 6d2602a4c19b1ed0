"""Who may begin runs."""

from datetime import UTC, datetime

import pytest

from dashboard.viewer import is_loopback, signed_in, sitting_here

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW.timestamp() + 60
ADA = {"is_logged_in": True, "email": "ada@example.org", "email_verified": True, "sub": "auth0|1", "exp": LATER}
ALLOWED = ["Ada@example.org", "team|7"]


def test_who_is_signed_in_and_on_the_list_may():
    """By a verified address, whose case is of no account, or by the provider's own name for them."""
    assert signed_in(ADA, ALLOWED, NOW).may_start
    assert signed_in(ADA, ALLOWED, NOW).who == "ada@example.org"
    nameless = {"is_logged_in": True, "sub": "team|7", "exp": LATER}
    assert signed_in(nameless, ALLOWED, NOW).may_start


@pytest.mark.parametrize(
    ("claims", "why", "sign_in"),
    [
        ({"is_logged_in": False}, "is signed in", True),
        ({}, "is signed in", True),
        ({**ADA, "email": "eve@example.org"}, "eve@example.org is signed in, but not among those", False),
        ({**ADA, "email_verified": False}, "auth0|1 is signed in, but not among those", False),
        ({**ADA, "email_verified": "true"}, "not among those", False),
        ({name: ADA[name] for name in ADA if name != "email_verified"}, "not among those", False),
        ({**ADA, "exp": NOW.timestamp()}, "is over: sign in again", True),
        ({**ADA, "exp": None}, "is over: sign in again", True),
        ({"is_logged_in": True, "exp": LATER}, "not among those", False),
        ({"is_logged_in": True, "exp": LATER, "sub": "TEAM|7"}, "not among those", False),
    ],
)
def test_who_else_may_not_and_is_told_why(claims, why, sign_in):
    """An address that nobody verified, one that is not on the list, a sign-in that is over."""
    found = signed_in(claims, ALLOWED, NOW)
    assert not found.may_start
    assert why in found.why
    assert found.sign_in is sign_in


def test_an_empty_list_allows_nobody():
    """Not even who has neither address nor name."""
    assert not signed_in(ADA, [], NOW).may_start
    assert not signed_in({"is_logged_in": True, "exp": LATER, "email": "", "sub": ""}, [""], NOW).may_start


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_without_a_sign_in_whoever_sits_here_may(host):
    """The server listens on this machine alone, and the browser has asked for this machine."""
    assert sitting_here("127.0.0.1", {"Host": host}).may_start


@pytest.mark.parametrize(
    ("listens", "headers"),
    [
        ("0.0.0.0", {"Host": "localhost:8501"}),
        ("", {"Host": "localhost:8501"}),
        ("192.0.2.1", {"Host": "localhost:8501"}),
        ("127.0.0.1", {"Host": "bench.example.org"}),
        ("127.0.0.1", {"Host": "localhost.example.org"}),
        ("127.0.0.1", {}),
        ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Host": "localhost", "forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", {"Host": "localhost", "Via": "1.1 caddy"}),
    ],
)
def test_without_a_sign_in_nobody_from_elsewhere_may(listens, headers):
    """Where others can reach the pages, directly or through a proxy, nobody can be told from anybody."""
    found = sitting_here(listens, headers)
    assert not found.may_start
    assert "no sign-in is set up" in found.why
    assert not found.sign_in


@pytest.mark.parametrize(("host", "is_here"), [("::1", True), ("127.8.8.8", True), ("10.0.0.1", False), ("", False)])
def test_loopback_is_this_machine(host, is_here):
    """All of 127.0.0.0/8 is."""
    assert is_loopback(host) is is_here
