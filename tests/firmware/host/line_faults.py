"""Every way in which a simulated line can be spoilt, alone and together, for hypothesis to choose from."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.bench.host_link import LineFaults

line_faults = st.builds(
    LineFaults,
    refuse_connect=st.booleans(),
    silent_connect=st.booleans(),
    connect_ms=st.integers(0, 20_000),
    lose_after=st.none() | st.integers(1, 60),
    half_open=st.booleans(),
    delay_ms=st.integers(0, 90_000),
    duplicated=st.booleans(),
    garbled=st.booleans(),
)
