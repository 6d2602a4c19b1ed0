"""A database's address: how it is written, which password belongs to it, and how much of it people may see."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

#: Names a file with the password, a Docker secret say, so that no address has to hold it.
PASSWORD_FILE = "CROSSOVER_DATABASE_PASSWORD_FILE"
HIDDEN = "***"
#: What may stand behind the question mark of an address and is nobody's business: libpq's secrets.
SECRETS = ("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret")
FORM = "write it like postgresql://USER@HOST/NAME or sqlite:///FILE"


class StorageError(Exception):
    """The database cannot be used; the text says why and what to do."""


class Refused(StorageError):
    """The role of an address may not do that, now or later."""


def connecting(url: str) -> Engine:
    """An engine for this address. Its password, where it lies in a file, is read anew for each connection."""
    engine = create_engine(parsed(url))
    if engine.dialect.name == "postgresql" and "password" not in secrets_in(engine.url):

        @event.listens_for(engine, "do_connect")
        def log_in(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
            password = password_from_file()
            if password is not None:
                parameters["password"] = password

    return engine


def parsed(url: str) -> URL:
    """An address in its parts. StorageError, which does not repeat it, where it is none."""
    _, _, rest = url.partition("://")
    if rest.partition("?")[0].count("@") > 1 and not url.startswith("sqlite"):
        raise StorageError(
            "the database's address has more than one @: write those of its password as %40, "
            f"or leave the password out and name a file with it ({PASSWORD_FILE})"
        )
    try:
        address = make_url(with_driver(url))
        known = address.get_backend_name() in ("sqlite", "postgresql")
    except (ArgumentError, ValueError):
        raise StorageError(f"the database's address cannot be read: {FORM}") from None
    if not known:
        raise StorageError(f"no {address.get_backend_name()} here, only SQLite and Postgres: {FORM}")
    return address


def secrets_in(address: URL) -> list[str]:
    """The names of the secrets that an address holds; its password's, wherever that stands, is `password`."""
    inside = [name for name in SECRETS if name in address.query]
    return ["password", *inside] if address.password and "password" not in inside else inside


def with_driver(url: str) -> str:
    """A Postgres address as people write it, with the driver that is installed here."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def is_sqlite(url: str) -> bool:
    return parsed(url).get_backend_name() == "sqlite"


def absolute(url: str) -> str:
    """The same database, wherever one is: a SQLite file's path from the root on. StorageError: it has no folder."""
    scheme, separator, path = url.partition("sqlite:///")
    if not separator or scheme:
        return url
    whole = Path(path).absolute()
    if not path.startswith("/") and not whole.parent.is_dir():
        raise StorageError(
            f"there is no folder {whole.parent}: {url} is a path from where you are; one from the root has four "
            f"slashes, sqlite:////{path}"
        )
    return f"{separator}{whole}"


def shown(url: str) -> str:
    """A database's address as it may be shown: a file's path, or an address without its password."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    secrets = {name: HIDDEN for name in SECRETS if name in address.query}
    plain = address.set(drivername="postgresql").update_query_dict(secrets)
    return plain.render_as_string(hide_password=True)


def place(url: str) -> str:
    """Which database an address is of, whoever opens it: a file's path, or an address without user and password."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    plain = URL.create("postgresql", host=address.host, port=address.port, database=address.database)
    return plain.update_query_dict(
        {name: address.query[name] for name in ("host", "port") if name in address.query}
    ).render_as_string()


def without_password(url: str, role: str | None = None) -> str:
    """The address as Postgres's own programs take it, without any password; of another role, if one is given."""
    address = parsed(url)
    address = address._replace(drivername="postgresql", username=role or address.username, password=None)
    return address.difference_update_query(SECRETS).render_as_string()


def with_password(url: str, given: str) -> str:
    """The same address with a password in it, for this process alone: no other file is asked for one then."""
    return parsed(url).set(password=given).render_as_string(hide_password=False)


def password(url: str) -> str | None:
    """The password that belongs to an address: its own, or that of the file; None where there is none."""
    address = parsed(url)
    inside = address.password or address.query.get("password")
    return str(inside) if inside else password_from_file()


def password_variable() -> dict[str, str]:
    """CROSSOVER_DATABASE_PASSWORD_FILE for processes that work in another folder; nothing where it is not set."""
    named = os.environ.get(PASSWORD_FILE)
    return {PASSWORD_FILE: str(Path(named).absolute())} if named else {}


def password_from_file() -> str | None:
    """The password that CROSSOVER_DATABASE_PASSWORD_FILE names; None where it is not set."""
    named = os.environ.get(PASSWORD_FILE)
    return read_password(Path(named), PASSWORD_FILE) if named else None


def read_password(path: Path, named_by: str) -> str:
    """The first line of a file. StorageError where it cannot be read, or is empty."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8"
        raise StorageError(f"cannot read the password in {path} ({reason}): {named_by} names that file") from None
    first = text.split("\n", 1)[0].rstrip("\r")
    if not first:
        raise StorageError(f"there is no password in {path}: {named_by} names that file")
    return first


def masked(text: str, url: str) -> str:
    """What a driver says, without the password and other secrets of the address in any way of writing them."""
    try:
        inside = parsed(url).normalized_query  # a name may stand there more than once
    except StorageError:  # it was told without them
        return text
    secrets: set[str | None] = {value for name in SECRETS for value in inside.get(name, ())}
    with contextlib.suppress(StorageError):  # a file that cannot be read tells none
        secrets.add(password(url))
    for secret in filter(None, secrets):
        for written in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
            text = text.replace(written, HIDDEN)
    return text
