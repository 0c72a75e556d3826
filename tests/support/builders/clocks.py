"""Any time at which a function may run, for hypothesis."""

from datetime import UTC, datetime

from hypothesis import strategies as st

CLOCKS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
