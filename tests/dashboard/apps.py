"""The dashboard in Streamlit's own test client, without a browser, and what a reader finds on a page of it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from flows.service import DASHBOARD


def started() -> AppTest:
    """The dashboard, before its first page has run."""
    return AppTest.from_file(str(DASHBOARD / "app.py"), default_timeout=60)


def opened(page: str = "numpy_vs_jax", **choices: str) -> AppTest:
    """A page as somebody comes to it from the first page, whose link had these choices."""
    app = _chosen(started(), choices).run()
    if page != "tonight":
        app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
    return app


def linked(page: str, **choices: str) -> AppTest:
    """A page as a link with these choices opens it."""
    app = started()
    app.switch_page(f"app_pages/{page}.py")
    _chosen(app, choices).run()
    assert not app.exception
    return app


def choices(app: AppTest) -> list[str]:
    """What a page lets its reader choose."""
    return [choice.label for choice in app.main.selectbox]


def chosen(app: AppTest, label: str):
    """A choice of a page, by its label."""
    return next(choice for choice in app.main.selectbox if choice.label == label)


def text(app: AppTest) -> str:
    """All sentences of a page, in Markdown, without what keeps names from being read as such."""
    return unescaped("\n".join(part.value for part in [*app.markdown, *app.caption]))


def said(app: AppTest) -> str:
    """All sentences of a page, as they are read."""
    return words(text(app))


def unescaped(markdown: str) -> str:
    """Markdown with plain spaces, and without backslashes and word joiners."""
    return markdown.replace("\u00a0", " ").replace("\u2060", "").replace("\\", "")


def words(markdown: str) -> str:
    """A sentence without what Markdown needs."""
    return unescaped(markdown).replace("*", "")


def _chosen(app: AppTest, choices: dict[str, str]) -> AppTest:
    for name, value in choices.items():
        app.query_params[name] = value
    return app
