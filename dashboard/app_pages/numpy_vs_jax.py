"""Which is faster here, NumPy or JAX, and from which size on?"""

import streamlit as st

from dashboard import charts, data, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

choices = st.container(horizontal=True, vertical_alignment="bottom")
known, newest = data.workloads(version, machine), data.newest_workload(version, machine)
workload = choices.selectbox(
    "Workload",
    known,
    index=known.index(newest) if newest in known else 0,
    key="workload",
    bind="query-params",
    width=320,
)
runs = data.runs_of_workload(version, machine, workload)
if runs.empty:
    st.info("This workload was not measured in both libraries yet. What is known of releases has its own page.")
    st.stop()
labels = {wording.run_label(run): run for run in runs.to_dict("records")}
# the newest that has a curve: a run of one size must not hide the ladder
label = next((label for label, run in labels.items() if run["sizes"] > 1), next(iter(labels)))
if len(labels) > 1:
    label = choices.selectbox(
        "Run", list(labels), index=list(labels).index(label), key="scaling_run", bind="query-params", width=320
    )
frame = data.scaling(version, labels[label]["id"], workload)

for column, label, key in (("environment", "Environment", "environment"), ("group", "Case", "case")):
    found = list(frame[column].unique())
    chosen = found[0]
    if len(found) > 1:
        chosen = choices.selectbox(label, found, key=key, bind="query-params", width=320)
    frame = frame[frame[column] == chosen]

st.markdown(wording.answer(frame))

if (frame["status"] == "measured").any():
    st.plotly_chart(charts.scaling(frame), config={"displayModeBar": False}, alt=f"Time per call over size: {workload}")
    st.caption(wording.legend(frame))
st.caption(wording.provenance(frame, machine))

with st.expander("The measurements behind this answer"):
    st.dataframe(tables.evidence(frame), hide_index=True, height="content")
    for sentence in wording.first_calls(frame):
        st.markdown(f"- {sentence}")
    st.caption(wording.HOW_TO_READ_A_VERDICT)
