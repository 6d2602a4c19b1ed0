"""Who looks at a page, and whether they may have something measured.

Reading is for everybody who reaches the pages. Beginning a run is for whoever is signed in and on the list of
`crossover.toml` ([run_now] allowed); where no sign-in is set up, for whoever sits at this very machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

#: A request with one of these came through a proxy, and so from anywhere.
PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


@dataclass(frozen=True)
class Viewer:
    """may_start: runs. who: their address, empty for whoever sits here. why: they may not, in a sentence of plain text.

    sign_in: whether signing in would help.
    """

    may_start: bool
    who: str = ""
    why: str = ""
    sign_in: bool = False


def current(allowed: Sequence[str]) -> Viewer:
    """Who looks at this page now."""
    if "is_logged_in" in st.user:  # it is not there where no sign-in is set up
        return signed_in(st.user.to_dict(), allowed, datetime.now(UTC))
    return sitting_here(str(st.get_option("server.address") or ""), st.context.headers.to_dict())


def signed_in(claims: Mapping[str, Any], allowed: Sequence[str], now: datetime) -> Viewer:
    """By what an OpenID provider says of somebody: `email`, `email_verified`, `sub`, `exp` (seconds since 1970).

    An address that nobody has verified counts for nothing: at some providers, people choose theirs.
    """
    if not claims.get("is_logged_in"):
        return Viewer(False, why="Whoever begins runs here is signed in.", sign_in=True)
    email, subject, who = address(claims), str(claims.get("sub") or ""), name(claims)
    # Streamlit keeps people signed in for a month, whatever their provider said
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= now.timestamp():
        return Viewer(False, who, f"The sign-in of {who} is over: sign in again.", sign_in=True)
    known = {entry.casefold() for entry in allowed}
    if (email and email.casefold() in known) or (subject and subject in allowed):
        return Viewer(True, who)
    why = f"{who or 'Who'} is signed in, but not among those that may begin runs: [run_now] allowed in crossover.toml"
    return Viewer(False, who, f"{why} names addresses that their provider has verified, and subjects.")


def name(claims: Mapping[str, Any]) -> str:
    """What somebody who is signed in is called: their address, else as their provider calls them."""
    return address(claims) or str(claims.get("sub") or "")


def address(claims: Mapping[str, Any]) -> str:
    """An address that the provider has verified, or an empty text."""
    return str(claims.get("email") or "") if claims.get("email_verified") is True else ""


def sitting_here(listens: str, headers: Mapping[str, str]) -> Viewer:
    """By where the server listens, and by the headers that the browser sent, where no sign-in is set up."""
    named = {name.casefold(): value for name, value in headers.items()}
    is_here = is_loopback(listens) and is_loopback(urlsplit(f"//{named.get('host', '')}").hostname or "")
    if is_here and not any(name in named for name in PROXIES):
        return Viewer(True)
    return Viewer(False, why="These pages are served to others, and no sign-in is set up: runs begin elsewhere.")


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
