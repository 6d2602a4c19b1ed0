"""How small a change can this machine tell from none, and how often does it see one that is not there?"""

import streamlit as st

from dashboard import commands, data, page, trust, wording

st.caption(__doc__)
version, machine = data.version(), st.session_state["machine"]

frame = data.floors(version, machine)
if frame.empty:
    st.info(
        f"Nothing was measured twice on {wording.plain(machine)} yet, which is how noise shows. Nights do so with "
        "some of their cases (`noise_floor_cases` in `crossover.toml`); `crossover run --suite nightly` is one. "
        "`crossover doctor` takes a quick look, and says what would help."
    )
    st.stop()

st.markdown(trust.answer(frame, machine))
table = trust.table(frame)
if (frame["floor"] > 0).any():
    again = commands.run_again(frame["uuid"].iloc[0])
    page.chart(trust.chart(frame), alt="Noise floors by workload", name="noise-floors", table=table, command=again)
    st.caption(trust.LEGEND)
with st.expander("The measurements behind this answer"):
    st.dataframe(table, hide_index=True, height="content")
    st.caption(
        "The floor is how far the 95 % interval of the ratio to itself reaches from 1, which is the truth; an "
        "interval that does not hold 1 is a false alarm."
    )
st.caption("What would make this machine quieter: `crossover doctor` measures it, and says.")
