"""NumPy or JAX, for my workload, my size and my number of calls?"""

import streamlit as st

from dashboard import (
    breaking_even,
    commands,
    cost_tables,
    data,
    decide_charts,
    decide_words,
    deciding,
    one_run,
    page,
    wording,
)

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
choices = page.choices()
run, frame = one_run.choose(choices, version, machine, read=data.costs, among_runs=False)
workload, sizes = frame["workload"].iloc[0], deciding.sizes(frame)
if not sizes:
    st.info(decide_words.NOTHING_TO_COMPARE)
    st.code(commands.run(workload), language="bash", wrap_lines=True)
    st.stop()
middle = list(sizes)[len(sizes) // 2]
size = sizes[page.choose(choices, "Size", list(sizes), "size", default=middle, width=180, always=True)]
calls = deciding.CALLS[page.choose(choices, "Calls", list(deciding.CALLS), "calls", default=deciding.USUAL, width=140)]
transfers = page.choose(choices, "Transfers", breaking_even.transfers(frame), "transfers", width=180)

here = frame[frame["size"] == size]
decision, totals = deciding.decide(here, calls, transfers), deciding.totals(here, calls, transfers)
st.markdown(decide_words.answer(decision, totals, calls))
if decision.verdict == "unsure":
    st.markdown(decide_words.MORE)
    st.code(commands.more_processes(run["uuid"], workload, size), language="bash", wrap_lines=True)
st.markdown(decide_words.turning(breaking_even.break_evens(here, transfers)))

floors = deciding.floors(data.floors(version, machine), run["id"])
evidence = cost_tables.totals(here, calls, transfers, floors)
page.chart(
    decide_charts.totals(here, calls, transfers),
    alt=f"Time for all calls over their number: {workload}",
    name="decide",
    table=evidence,
    command=commands.run_again(run["uuid"], [workload], [size]),
)
st.caption(decide_words.legend(transfers))
st.caption(wording.provenance(here, machine))

with st.expander("The figures behind this answer"):
    st.dataframe(evidence, hide_index=True, height="content")
    st.caption(wording.HOW_TO_READ_A_VERDICT)
