"""What was it measured on, and with what?"""

import streamlit as st

from dashboard import data, inventory, inventory_words, page

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]
computers = inventory.machine_names(data.computers(version))
here = [row for row in computers.values() if row.name == machine]
environments = data.environments_of(version, machine)

st.markdown(inventory_words.answer(machine, here, environments))

facts, most = st.columns(2, gap="medium")
with facts:
    st.subheader("The machine", anchor=False)
    known = inventory.machine_facts(here[0])
    st.dataframe(inventory.facts_table(known), hide_index=True, height="content")
    st.caption(inventory_words.seen(here[0], inventory.unknown(known)))
with most:
    st.subheader("What it can do at most", anchor=False)
    run, peaks = data.peaks(version, here[0].id)
    if run:
        st.dataframe(inventory.peaks_table(peaks), hide_index=True, height="content")
    st.caption(inventory_words.peaks(run) if run else inventory_words.no_peaks())
if len(computers) > 1:
    with st.expander("All machines"):
        st.dataframe(inventory.machines_table(computers), hide_index=True)

st.subheader("Environments", anchor=False)
st.dataframe(inventory.environments_table(environments), hide_index=True)
names = inventory.environment_names(environments)
chosen = page.choose(page.choices(), "Environment", list(names), "environment_of", width=480, always=True)
places = data.environment(version, names[chosen].digest)
st.markdown(inventory_words.built(places))
with st.expander("Its packages"):
    st.dataframe(inventory.packages_table(inventory.packages(places)), hide_index=True)

st.subheader("Differences", anchor=False)
every = inventory.environment_names(data.environments_of(version))
of = {"environments": list(every), "machines": list(computers)}
kinds = [kind for kind, names in of.items() if len(names) > 1]
if not kinds:
    st.info(inventory_words.nothing_to_compare())
    st.stop()
row = page.choices()
kind = page.choose(row, "Compare", kinds, "compare", width=160)
first = page.choose(row, "First", of[kind], f"first_{kind}", default=of[kind][1], width=400)
second = page.choose(row, "Second", of[kind], f"second_{kind}", width=400)
if kind == "machines":
    apart = inventory.machines_apart(computers[first], computers[second])
else:
    apart = inventory.environments_apart(*(data.environment(version, every[name].digest) for name in (first, second)))
st.markdown(inventory_words.apart(apart))
if len(inventory.apart_table(apart)):
    st.dataframe(inventory.apart_table(apart), hide_index=True)
with st.expander("What is the same"):
    st.dataframe(inventory.same_table(apart), hide_index=True)
