"""What ran, where, and what does it lack?"""

import streamlit as st

from dashboard import data, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

runs = data.runs(version, machine)
environments = data.environments(version, tuple(runs["id"]))

st.markdown(wording.last_run(runs.iloc[0]))
st.dataframe(tables.runs(runs, environments), hide_index=True)

labels = {wording.run_label(run): run for run in runs.to_dict("records")}
run = labels[st.selectbox("Run", list(labels), key="run", bind="query-params", width=320)]

st.subheader("What it lacks", anchor=False)
st.markdown(wording.lack(run, data.left_out(version, run["id"])))
lacks = tables.lacks(data.measurements(version, run["id"]))
if len(lacks):
    st.dataframe(lacks, hide_index=True)

st.subheader("Where it ran", anchor=False)
st.markdown(wording.place(run))
st.dataframe(tables.environments(environments[environments["run_id"] == run["id"]]), hide_index=True)
