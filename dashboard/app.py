"""The frame: which pages there are, and the choices that they share."""

from pathlib import Path

import streamlit as st

from dashboard import data, tonight_words, viewer, wording
from storage.database import StorageError

HERE = Path(__file__).parent

st.set_page_config(page_title="Crossover", page_icon=str(HERE / "static" / "icon.png"), layout="wide")

page = st.navigation(
    [
        st.Page("app_pages/tonight.py", title="Tonight", icon=":material/bedtime:", default=True),
        st.Page("app_pages/numpy_vs_jax.py", title="NumPy vs JAX", icon=":material/ssid_chart:"),
        st.Page("app_pages/break_even.py", title="Break-even", icon=":material/start:"),
        st.Page("app_pages/decide.py", title="Decide", icon=":material/alt_route:"),
        st.Page("app_pages/trends.py", title="Trends", icon=":material/timeline:"),
        st.Page("app_pages/releases.py", title="Releases", icon=":material/new_releases:"),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("app_pages/changes.py", title="Changes", icon=":material/trending_up:"),
        st.Page("app_pages/machines.py", title="Machines and environments", icon=":material/memory:"),
        st.Page("app_pages/runs.py", title="Runs", icon=":material/checklist:"),
        st.Page("app_pages/trust.py", title="Trust", icon=":material/balance:"),
        st.Page("app_pages/run_now.py", title="Run now", icon=":material/play_arrow:"),
    ]
)

st.title(page.title, anchor=False)
try:
    machines = data.machines(data.version())
    missing = None if machines else st.info
    reason = "Nothing has been measured yet. To measure this machine, type `crossover run`."
except StorageError as error:
    machines, missing, reason = [], st.warning, f"There are no results to show: {error}."

if machines:
    nights = data.nights(data.version())
    wrong = tonight_words.banner(nights)
    if wrong:  # before anything else: numbers of a service that has stopped look like any others
        st.warning(wrong, icon=":material/notification_important:")

    with st.sidebar:
        # here and not on a page: what is chosen holds for all of them, and a link restores it
        st.selectbox("Machine", machines, key="machine", bind="query-params")

    line = nights.line(st.session_state["machine"])
    if line and page.url_path:  # the first page tells of all machines
        st.caption(wording.plain(line))

if st.user.get("is_logged_in"):
    st.sidebar.caption(wording.plain(f"Signed in as {viewer.name(st.user.to_dict())}"))

if missing and page.url_path != "run_now":  # the one page that leads to results
    missing(reason)
    st.stop()
page.run()
