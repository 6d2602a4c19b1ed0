"""Every test of the dashboard has a cache of its own, and a database of its own if it asks for one."""

import pytest
import streamlit as st

from dashboard import data


@pytest.fixture(autouse=True)
def _an_empty_cache():
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def url(tmp_path, monkeypatch):
    """The address of the database that the dashboard reads in this test; nothing is there yet."""
    address = f"sqlite:///{tmp_path}/crossover.db"
    monkeypatch.setenv(data.VARIABLE, address)
    return address
