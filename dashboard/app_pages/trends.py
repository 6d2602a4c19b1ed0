"""Is this getting faster or slower?"""

from functools import partial

import streamlit as st

from dashboard import commands, data, one_point, page, tables, trend_charts, trend_words, trends

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

choose = partial(page.choose, page.choices())
known, newest = data.workloads(version, machine), data.newest_workload(version, machine)
workload = choose("Workload", known, "workload", default=newest, width=190, always=True)
series = data.series(version, machine, workload or "")
for column, label, width in trends.CHOICES if len(series) else ():
    options = trends.options(series, column)
    chosen = choose(label, options, column, default=trends.usual(options, column), width=width)
    series = trends.narrowed(series, column, chosen)
nights, runs = choose("Nights", trends.NIGHTS, "nights", width=110), data.runs(version, machine)
since = trends.since(nights, runs["night"].iloc[0])
tracks = trends.tracks(data.tracks(version, tuple(series["id"]), since))
if not tracks:
    st.info(trend_words.nothing_yet(workload or "this", nights))
    st.code(commands.run(workload or "NAME"), language="bash")
    st.stop()
track = tracks[choose("Track", list(tracks), "track", default="latest", width=130)]
measure = choose("Measure", list(trends.MEASURES), "measure", width=135)
others = [other for other in data.machines(version) if other != machine]
shown = choose("Shown as", trends.shown(measure, series, others), "shown", width=180)
other = choose("Other machine", others, "other", width=150, always=True) if shown == trends.TO_MACHINE else ""
view = trends.View(measure, shown, other, choose("Scale", trends.SCALES, "scale", width=90))

theirs = None
if other:
    alike = trends.beside(data.series(version, other, workload), series)
    theirs = data.drawn(version, alike, since, track, trends.View(measure))
frame = data.drawn(version, series, since, track, view, theirs)
upgrades, changes = trends.upgrades(frame), data.changes_of_series(version, machine, tuple(series["id"]), since)

table = tables.nights(frame, view)
chart = trend_charts.over_nights(frame, upgrades, view)
again = partial(commands.run_again, workloads=[workload], sizes=series["size"].head(1))
if chart:
    st.markdown(trend_words.answer(frame, upgrades, changes, view))
    look = {"alt": f"{measure} of {workload} over nights", "on_select": "rerun", "selection_mode": "points"}
    selected = page.chart(chart, name="trends", table=table, command=again(trends.last_run(frame)), **look)
    st.caption(trend_words.legend(frame, view))
    point = one_point.chosen(selected, frame)
    if point:
        st.subheader(one_point.heading(point), anchor=False)
        facts = one_point.facts(point, data.measurement(version, *one_point.key(point)), runs, machine)
        st.table(facts, border="horizontal", hide_index=True, hide_header=True)
        st.code(again(point["uuid"]), language="bash", wrap_lines=True)
else:
    st.info(trend_words.no_number(frame, view))
st.caption(trend_words.elsewhere(data.backfilled(version, machine, workload), series, machine))
with st.expander("The measurements behind this answer"):
    st.dataframe(table, hide_index=True)
