"""Addresses and passwords: where a password may lie, and that no message repeats one."""

from __future__ import annotations

import pytest
from psycopg.pq import Conninfo
from sqlalchemy import select

from dashboard import data
from storage import address, database, models
from tests.postgres import PASSWORD, query


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A Docker secret with the owner's password, as the environment names it."""
    path = tmp_path / "secret"
    path.write_text(PASSWORD + "\r\n")
    monkeypatch.setenv(address.PASSWORD_FILE, str(path))
    return path


def test_a_password_from_a_file_works_everywhere(team, secret):
    """For the upgrade, the writer, readers and the dashboard; and it stands in no engine."""
    with team.database("secretive"):
        url = team.url(password=None, database="secretive")
        engine = database.open_database(url)
        assert PASSWORD not in repr(engine.url) + engine.url.render_as_string(hide_password=False)
        with engine.begin() as connection:
            assert connection.execute(select(models.Run)).all() == []
        engine.dispose()
        with database.reading(url) as connection:
            assert connection.execute(select(models.Run)).all() == []
        assert data.source.version_of(url)[0] == url
        data.source.engine(url).dispose()


def test_a_password_is_read_anew_for_each_connection(team, secret):
    """A secret that was changed is used without a restart; the address's own comes before it."""
    url = team.url(password=None, database="postgres")
    assert query(url, "select 1") == [(1,)]
    secret.write_text("another\n")
    with pytest.raises(Exception, match="authentication failed"):
        query(url, "select 1")
    assert query(team.url(database="postgres"), "select 1") == [(1,)]


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot read the password in"), ("\n", "no password in"), (b"\xff", "no UTF-8")]
)
def test_a_password_file_that_is_of_no_use_is_named(secret, content, said):
    """With the variable that names it; the server is not asked."""
    secret.unlink()
    if content is not None:
        secret.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(database.StorageError, match=f"{said}.*{address.PASSWORD_FILE}"):
        database.open_database("postgresql://crossover@127.0.0.1:1/nowhere")


@pytest.mark.parametrize("open_it", [database.open_database, database.open_for_reading])
@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
def test_no_message_repeats_a_password(team, open_it, host):
    """However many special characters it has, and wherever it stands; the rest of the address is told."""
    url = team.url().replace(f"127.0.0.1:{team.port}", host)
    for one in (url, f"postgresql://team@{host}/team?password=hunter%402&connect_timeout=2"):
        with pytest.raises(database.StorageError, match=r"//team(:\*\*\*)?@") as raised:
            open_it(one)
        for written in (PASSWORD, url.partition("team:")[2].partition("@")[0], "hunter@2", "hunter%402"):
            assert written not in str(raised.value)
        assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://team:se@cret/1@db/team", "more than one @: write those of its password as %40"),
        ("postgresql://team:secret@db:port/team", "cannot be read: write it like postgresql://USER@HOST/NAME"),
        ("secret", "cannot be read: write it like"),
        ("mysql://team:secret@db/team", "no mysql here, only SQLite and Postgres"),
        ("nosuch://team:secret@db/team", "no nosuch here"),
    ],
)
def test_an_address_that_is_none_is_one_clear_error(url, said):
    """Which does not repeat it: who knows what of it is the password."""
    for use in (database.open_database, database.open_for_reading, address.shown, address.place):
        with pytest.raises(database.StorageError, match=said) as raised:
            use(url)
        assert "secret" not in str(raised.value)
        assert "cret" not in str(raised.value)


def test_what_a_driver_repeats_is_masked():
    """A libpq error may quote the connection string, raw or as it stands in an address."""
    url = "postgresql://team:p%40%2F%25w@db/team?sslpassword=key%26"
    said = address.masked('invalid dsn "postgresql://team:p%40%2F%25w@db", p@/%w, key&, key%26', url)
    assert said == 'invalid dsn "postgresql://team:***@db", ***, ***, ***'
    assert "key" not in address.shown(url)
    assert address.shown(url).startswith("postgresql://team:***@db/team?")  # as people write it


def test_every_secret_that_libpq_knows_is_one():
    """Those that it does not show itself, and the keys that stand for a password."""
    known = {one.keyword.decode(): one.dispchar for one in Conninfo.get_defaults()}
    assert {name for name, shown in known.items() if shown == b"*" or name.startswith("scram_")} <= {*address.SECRETS}


@pytest.mark.parametrize("name", address.SECRETS)
def test_a_secret_of_any_kind_is_nowhere_repeated(name, tmp_path, monkeypatch):
    """Said once or twice, and whether or not the file of the password can be read."""
    monkeypatch.setenv(address.PASSWORD_FILE, str(tmp_path / "none"))
    url = f"postgresql://team@db/team?passfile=%2Fa&{name}=one%26&{name}=two"
    assert address.secrets_in(address.parsed(url)) == [name]
    assert address.masked("one&, one%26, two, /a", url) == "***, ***, ***, /a"
    assert address.without_password(url) == "postgresql://team@db/team?passfile=%2Fa"
    shown = address.shown(url)
    assert ("one" in shown, "two" in shown, "passfile=%2Fa" in shown, f"{name}=" in shown) == (False, False, True, True)


def test_a_database_is_the_same_whoever_opens_it():
    """What was brought there as one role need not be brought again as another."""
    mine = address.place("postgres://otter:secret@db:5432/team?connect_timeout=3")
    assert mine == address.place("postgresql+psycopg://seal@db:5432/team") == "postgresql://db:5432/team"
    assert address.place("postgresql://otter@db/other") != mine
    assert address.place("sqlite:///a.db") == "a.db"
