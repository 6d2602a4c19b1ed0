"""What did each release of NumPy and JAX cost or save this computation?"""

from functools import partial

import streamlit as st

from dashboard import commands, data, page, release_charts, release_words, releases, tables, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
backfills = data.backfills(version)
runs = {
    wording.run_label(run): run for run in backfills.to_dict("records") if run["machine"] == machine and run["measured"]
}
if not runs:
    st.info(release_words.nothing_yet(backfills))
    st.stop()

choose = partial(page.choose, page.choices())
run = choose("Run", list(runs), "releases_run", width=280)
trends, facts = data.trends(version, runs[run]["id"]), data.release_facts(version, runs[run]["id"])
library = choose("Releases of", releases.libraries(trends), "library", width=110)
trends, facts = releases.of_library(trends, facts, library)
measure = choose("Measure", list(releases.MEASURES), "measure", width=150)
if releases.MEASURES[measure].of_case:
    striking = releases.most_striking(trends).workload
    workload = choose("Workload", releases.workloads(trends), "workload", default=striking, width=220)
    chosen = [trend for trend in trends if trend.workload == workload]
    striking = releases.case_name(releases.most_striking(chosen))
    case = choose("Case", releases.cases(chosen), "case", default=striking, width=270)
    chosen = [trend for trend in chosen if releases.case_name(trend) == case]
    shown = choose("Shown as", releases.SHOWN, "shown", width=180) if measure == releases.STEADY else releases.ABSOLUTE
    frame = releases.through(chosen, facts, shown)
    answer, table, measured = release_words.answer(chosen, frame, measure), tables.releases(frame), [workload]
else:
    frame = releases.alone(trends, facts)
    answer, table, measured = release_words.course(frame, measure), tables.releases_alone(frame), []

st.markdown(answer)
chart = release_charts.over_releases(frame, measure)
if chart:
    again = commands.backfill_again(library.lower(), frame["release"].unique(), measured)
    page.chart(chart, alt=f"{measure} over releases".capitalize(), name="releases", table=table, command=again)
    st.caption(release_words.legend(frame, measure))
st.caption(release_words.provenance(runs[run], frame))
with st.expander("The measurements behind this answer"):
    st.dataframe(table, hide_index=True, height="content")

if measure == releases.STEADY:
    st.subheader("What each release changed", anchor=False)
    st.markdown(release_words.headline(trends))
    link = {"machine": machine, "library": library} | ({"releases_run": run} if len(runs) > 1 else {})
    overview = release_words.overview(trends, facts, **link)
    if len(overview):
        st.table(overview, border="horizontal", hide_index=True)
