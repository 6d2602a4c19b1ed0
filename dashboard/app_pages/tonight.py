"""Did last night run everywhere, what changed, and how do NumPy and JAX stand?"""

import streamlit as st

from dashboard import commands, data, page, tonight, tonight_charts, tonight_words

st.caption(__doc__)
version = data.version()  # of every machine: what is chosen on the left is for the other pages
nights = data.nights(version)
found = [data.since_the_night_before(version, state.machine) for state in tonight.came(nights)]
changes = data.changes(version, tonight.recent(nights))
scores = data.scores(version)

st.markdown("\n\n".join([tonight_words.ran(nights), tonight_words.changed(nights, changes, found)]))

if scores.empty:
    st.info(tonight_words.nothing_stands())
else:
    answer, choices = st.container(), page.choices()
    slot = page.choose(choices, "Track or environment", tonight.slots(scores), "slot", width=240)
    frame = tonight.standing(scores, slot)
    answer.markdown(tonight_words.standing(frame))
    shown = page.choose(choices, "Show", tonight.choices(frame), "standing", width=240)
    rows = tonight.shown(frame, shown)
    one = rows.iloc[0]
    again = commands.suite_again(one["uuid"], one["suite"], list(rows["workload"].unique()))
    page.chart(
        tonight_charts.standing(rows),
        alt="Time over NumPy's of each variant",
        name="standing",
        table=tonight.scores_table(rows),
        command="" if shown == tonight.ALL_MACHINES else again,  # no command is of several machines
    )
    st.caption(tonight_words.legend(rows))
    st.caption(tonight_words.provenance(rows))

if nights.states:
    with st.expander("The nights of every machine"):
        st.dataframe(tonight.nights_table(nights), hide_index=True, height="content")
        st.caption(tonight_words.by_hand(nights, data.machines(version)))
if any(one.moved for one in found):
    with st.expander("What moved since the night before"):
        st.dataframe(tonight.moved_table(found), hide_index=True, height="content")
if not scores.empty:
    with st.expander("The scores behind this chart"):
        st.dataframe(tonight.scores_table(rows), hide_index=True, height="content")
