"""What differs between these two: environments, machines, runs or nights?"""

import streamlit as st

from dashboard import commands, compare_charts, compare_choices, compare_tables, compare_words, comparing, data, page

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
chosen = compare_choices.choose(version, machine)
if not chosen:
    st.info(compare_words.NOTHING_YET)
    st.stop()

kind, before, after, looks = chosen
sides, check = (comparing.place(before), comparing.place(after)), None
frame, lacks = data.pairs(version, *sides, one_machine=kind != comparing.MACHINES)
if kind == comparing.ENVIRONMENTS:
    check = data.check(version, looks, *sides)
    frame = comparing.checked(frame, check)
elif len(frame):
    machines = tuple(dict.fromkeys((before["machine"], after["machine"])))
    frame = comparing.apart(frame, data.floors_of_series(version, machines, tuple(frame["workload"].unique())))

st.markdown(compare_words.answer(kind, frame, check, before, after))
if check and compare_words.unsettled(check):
    st.markdown(compare_words.unsettled(check))
    st.code(commands.upgrade_check(before, after), language="bash", wrap_lines=True)

table = compare_tables.compared(frame)
drawn = compare_charts.surest(frame)
if len(drawn):
    page.chart(
        compare_charts.ratios(drawn, check.tolerance if check else None),
        alt="Ratios of what both sides measured, sorted, with their intervals",
        name="compare",
        table=table,
        command=commands.compare_again(before, after),
    )
    st.caption(" ".join(filter(None, (compare_words.left_out(frame, drawn), compare_words.legend(frame, check)))))
    st.caption(compare_words.caveat(kind, before, after))
    if len(frame) >= compare_charts.LEAST_DISTRIBUTION:
        st.subheader("How the ratios are distributed", anchor=False)
        distribution = compare_charts.distribution(frame)
        page.chart(distribution, alt="How many ratios lie where, by verdict", name="compare-all", table=table)
st.caption(compare_words.provenance(kind, before, after))

with st.expander("The measurements behind this answer"):
    if len(table):
        st.dataframe(table, hide_index=True)
    if len(lacks):
        st.markdown(compare_words.lacking(lacks))
        st.dataframe(compare_tables.lacks(lacks), hide_index=True)
