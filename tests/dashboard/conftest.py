"""Every test of the dashboard has a cache of its own."""

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _an_empty_cache():
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
