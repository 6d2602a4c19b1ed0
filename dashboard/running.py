"""What the page that begins runs does besides asking: saying who looks, beginning, watching, landing on the result."""

from __future__ import annotations

import streamlit as st

from dashboard import data, run_words
from dashboard.viewer import Viewer
from dashboard.wording import plain
from flows import door
from storage.database import StorageError

#: Of the page's link: the run that is watched.
RUN = "flow_run"

#: Often enough to watch, seldom enough for a machine that measures meanwhile.
EVERY_SECONDS = 3.0


def say_who(viewer: Viewer) -> None:
    """Who is signed in, or why nobody here may begin a run; with the way in, or out."""
    if viewer.why:
        st.info(plain(viewer.why))
    if viewer.sign_in:
        st.button("Sign in", on_click=st.login, icon=":material/login:")
    elif viewer.who:
        st.button("Sign out", on_click=st.logout, icon=":material/logout:")


def begin(wish: door.Wish) -> None:
    """Begin a run, and go on as the page that watches it. `door.Refused` where it cannot be."""
    with st.spinner("Asking the Prefect server"):
        run, warning = door.begin(wish)
    st.session_state[f"{RUN}_warning"] = warning
    st.query_params.from_dict({RUN: run})
    st.rerun()


def watch(run: str) -> None:
    """What a run does now, until it is over; then what came of it."""
    found = door.seen(run)
    if st.button("Begin another run", icon=":material/add:"):
        st.query_params.clear()
        st.rerun()
    if found.is_over:
        _show(found)
        _land(found)
        return
    warning = st.session_state.get(f"{RUN}_warning")
    if warning and found.state == "SCHEDULED":
        st.warning(sentence(warning))
    if st.button("End it", icon=":material/stop:", help="What it has measured is kept."):
        door.end(run)
    st.fragment(_follow, run_every=EVERY_SECONDS)(run)


def sentence(error: object) -> str:
    """What went wrong, as Markdown."""
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _follow(run: str) -> None:
    try:
        found = door.seen(run)
    except door.Refused as error:  # the server is away for a moment; the run goes on without it
        st.warning(sentence(error))
        return
    if found.is_over:
        data.forget_version()  # what it stored shows at once
        st.rerun()
    _show(found)


def _show(found: door.Seen) -> None:
    st.markdown(run_words.now(found))
    if found.lines:
        st.code("\n".join(found.lines), language=None, wrap_lines=True)


def _land(found: door.Seen) -> None:
    """The result of a run that is over, and the pages that have all of it."""
    try:
        version = data.version()
        run = data.run(version, found.run)
    except StorageError as error:
        raise door.Refused(f"the run is over, and its result cannot be read: {error}") from None
    st.subheader("What came of it", anchor=False)
    left_out = data.left_out(version, run["id"]) if run else ()
    st.markdown(run_words.result(run, left_out))
    if run:
        workloads = run_words.measured(data.measurements(version, run["id"]))
        for text, (page, choices) in run_words.links(run, workloads).items():
            st.page_link(f"app_pages/{page}.py", label=text, query_params=choices, icon=":material/arrow_forward:")
