"""Which is faster here, NumPy or JAX, and from which size on?"""

import streamlit as st

from dashboard import charts, commands, data, heat, heat_charts, heat_words, one_run, page, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
run, frame = one_run.choose(page.choices(), version, machine, read=data.scaling)
workload, environment = frame.iloc[0][["workload", "environment"]]

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

every = data.verdicts(version, run["id"])
variants = heat.variants(every, environment)
if variants:
    st.subheader("All workloads of this run", anchor=False)
    variant = variants[page.choose(page.choices(), "Variant", list(variants), "heat", width=240)]
    cells = heat.cells(every, environment, variant)
    st.markdown(heat_words.answer(cells, variant))
    page.chart(
        heat_charts.heat(cells, variant),
        alt="Where it is faster than NumPy and where slower: workload by size",
        name="all-workloads",
        table=heat_words.table(cells),
        command=commands.run_again(run["uuid"]),
    )
    st.caption(heat_words.legend(cells))
