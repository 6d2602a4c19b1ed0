"""What ran, where, and what does it lack?"""

from functools import partial

import streamlit as st

from dashboard import data, page, run_words, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

runs = data.runs(version, machine)
environments = data.environments(version, tuple(runs["id"]))

st.markdown(run_words.last_run(runs.iloc[0]))
st.dataframe(tables.runs(runs, environments), hide_index=True)

labels = {wording.run_label(run): run for run in runs.to_dict("records")}
run = labels[page.choose(st, "Run", list(labels), "run", width=320, always=True)]

st.subheader("What it lacks", anchor=False)
st.markdown(run_words.lack(run, data.left_out(version, run["id"])))
lacks = tables.lacks(data.measurements(version, run["id"]))
if len(lacks):
    st.dataframe(lacks, hide_index=True)

st.subheader("What it measured", anchor=False)
bundle = partial(data.packed_bundle, version, run["id"])
st.download_button(
    "Its bundle", bundle, run_words.bundle_name(run), "application/gzip", on_click="ignore", icon=":material/download:"
)
st.markdown(run_words.ways(run, data.prefect_address()))

st.subheader("Where it ran", anchor=False)
st.markdown(run_words.place(run))
st.dataframe(tables.environments(environments[environments["run_id"] == run["id"]]), hide_index=True)
