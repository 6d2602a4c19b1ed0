"""What got slower or faster, and with which release?"""

from functools import partial

import streamlit as st

from dashboard import change_charts, change_words, changing, data, page

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

choose = partial(page.choose, page.choices())
span = choose("Found in", list(changing.SPANS), "found", width=190)
scopes = changing.SCOPES if len(data.machines(version)) > 1 else changing.SCOPES[:1]
scope = choose("On", scopes, "changes_on", width=150)
of = machine if scope == changing.HERE else None
frame = data.changes_within(version, span, of)
if frame.empty:
    everything = data.changes_within(version, changing.ALL, of)
    told = change_words.nothing_in(span, everything, scope, machine) if len(everything) else change_words.NOTHING_KNOWN
    st.info(told)
    st.stop()

st.markdown(change_words.answer(frame, scope, machine))
table = change_words.table(frame)
page.chart(
    change_charts.by_release(frame),
    alt="How much each change made slower or faster, by the release that it came with",
    name="changes",
    table=table,
)
st.caption(change_words.legend(min(len(frame), change_charts.MOST_MARKS), len(frame)))
st.caption(change_words.KIND)

st.subheader("The largest", anchor=False)
st.table(change_words.largest(frame, scope), border="horizontal", hide_index=True)
with st.expander("All changes"):
    st.dataframe(table, hide_index=True)
