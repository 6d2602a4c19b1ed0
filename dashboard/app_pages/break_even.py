"""After how many calls does JAX's first call pay off?"""

import streamlit as st

from dashboard import (
    break_even_charts,
    break_even_words,
    breaking_even,
    commands,
    cost_tables,
    data,
    one_run,
    page,
    wording,
)

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
choices = page.choices()
run, frame = one_run.choose(choices, version, machine, read=data.costs)
transfers = page.choose(choices, "Transfers", breaking_even.transfers(frame), "transfers", width=180)
even = breaking_even.break_evens(frame, transfers)
if even.empty:
    st.info(break_even_words.NO_JAX)
    st.stop()

st.markdown(break_even_words.answer(even))

evidence = cost_tables.break_evens(frame, even)
if len(breaking_even.drawn(even)):
    page.chart(
        break_even_charts.break_evens(even),
        alt=f"Break-even in calls over size: {frame['workload'].iloc[0]}",
        name="break-even",
        table=evidence,
        command=commands.run_again(run["uuid"], [frame["workload"].iloc[0]]),
    )
    st.caption(break_even_words.legend(even))
st.caption(break_even_words.counted(transfers))
st.caption(wording.provenance(frame, machine))

with st.expander("The measurements behind this answer"):
    wide = {"Break-even": st.column_config.Column(width=210)}  # the answer is not to be cut off
    st.dataframe(evidence, hide_index=True, height="content", column_config=wide)
    st.caption("First call and later calls with their 95 % intervals over processes; phases are the middle ones.")
