"""Have something measured now: where, what, and in which environment?"""

import streamlit as st

from dashboard import page, run_words, running, viewer
from flows import door
from flows.settings import SettingsError, read_settings

st.caption(__doc__)
try:
    settings = read_settings()
    who = viewer.current(settings.run_now.allowed)
    running.say_who(who)
    if not who.may_start:
        st.stop()
    run = st.query_params.get(running.RUN)
    if run:
        running.watch(run)
        st.stop()
    places = door.places()
    if not places:
        st.info("The Prefect server knows no machine yet: `crossover worker` on one that is to measure tells it.")
        st.stop()

    row = page.choices()
    here = st.session_state.get("machine")
    where = page.choose(row, "Where", places, "where", default=here, width=240, always=True)
    suite = page.choose(row, "Suite", list(settings.suites), "suite", width=160, always=True)
    known = door.workloads(settings, suite)
    workloads = row.multiselect("Workloads", known, key="workloads", placeholder="all of the suite", width=360)
    tracks = row.multiselect("Tracks", list(settings.tracks), key="tracks", placeholder="none", width=240)
    own = row.text_input("Environment", key="own", placeholder="numpy==2.4.3,jax==0.9.2", width=300, max_chars=500)
    st.caption(
        "A track is a named environment of `crossover.toml`, resolved anew. With neither track nor environment, the "
        "machine measures in the one that its Crossover runs in. One run measures at a time on a machine; others wait."
    )
    wish = door.Wish(where, suite, workloads, tracks, own.strip(), who.who)
    if st.button("Measure now", type="primary", icon=":material/play_arrow:"):
        running.begin(wish)
    st.caption("The same by hand:")
    st.code(run_words.command(wish), language="bash", wrap_lines=True)
except (door.Refused, SettingsError) as error:
    st.warning(running.sentence(error))
