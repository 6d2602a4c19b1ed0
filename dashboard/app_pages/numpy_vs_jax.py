"""Which is faster here, NumPy or JAX, and from which size on?"""

import streamlit as st

from dashboard import charts, commands, data, page, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

choices = page.choices()
known, newest = data.workloads(version, machine), data.newest_workload(version, machine)
workload = page.choose(choices, "Workload", known, "workload", default=newest, width=320, always=True)
runs = data.runs_of_workload(version, machine, workload)
if runs.empty:
    st.info("This workload was not measured in both libraries yet. What is known of releases has its own page.")
    st.stop()
labels = {wording.run_label(run): run for run in runs.to_dict("records")}
# the newest that has a curve: a run of one size must not hide the ladder
newest = next((label for label, run in labels.items() if run["sizes"] > 1), None)
run = labels[page.choose(choices, "Run", list(labels), "scaling_run", default=newest, width=320)]
frame = data.scaling(version, run["id"], workload)

for column, label, key in (("environment", "Environment", "environment"), ("group", "Case", "case")):
    frame = frame[frame[column] == page.choose(choices, label, list(frame[column].unique()), key, width=320)]

st.markdown(wording.answer(frame))

evidence = tables.evidence(frame)
if (frame["status"] == "measured").any():
    page.chart(
        charts.scaling(frame),
        alt=f"Time per call over size: {workload}",
        name="numpy-vs-jax",
        table=evidence,
        command=commands.run_again(run["uuid"], [workload]),
    )
    st.caption(wording.legend(frame))
st.caption(wording.provenance(frame, machine))

with st.expander("The measurements behind this answer"):
    st.dataframe(evidence, hide_index=True, height="content")
    for sentence in wording.first_calls(frame):
        st.markdown(f"- {sentence}")
    st.caption(wording.HOW_TO_READ_A_VERDICT)
