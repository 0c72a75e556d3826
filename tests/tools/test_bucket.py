"""The bucket that lists as S3 does, on which the tests of growth rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.servers.bucket import PAGE, Objects


class TestTheBucket:
    @given(
        keys=st.sets(st.text("ab/", min_size=1, max_size=6), max_size=30),
        prefix=st.text("ab/", max_size=3),
        after=st.text("ab/", max_size=4),
    )
    def test_a_page_is_what_s3_lists(self, keys: set[str], prefix: str, after: str) -> None:
        behind = sorted(key for key in keys if key.startswith(prefix) and key > after)
        assert Objects(keys).page(prefix, after, "").keys == behind
        rolled_up = Objects(keys).page(prefix, "", "/")
        ends = {key: key.find("/", len(prefix)) for key in keys if key.startswith(prefix)}
        assert rolled_up.folders == sorted({key[: end + 1] for key, end in ends.items() if end >= 0})
        assert rolled_up.keys == sorted(key for key, end in ends.items() if end < 0)

    @pytest.mark.parametrize("delimiter", ["", "/"])
    @pytest.mark.parametrize("number", [0, 1, PAGE, PAGE + 1, 2 * PAGE + 1])
    def test_pages_go_on_where_the_last_one_ended(self, number: int, delimiter: str) -> None:
        objects = Objects(f"{n:05}/x" for n in range(number))
        pages, after = 0, ""
        found: list[str] = []
        while True:
            page = objects.page("", after, delimiter)
            pages += 1
            found += page.folders or page.keys
            if page.rest is None:
                break
            after = page.rest
        assert found == [f"{n:05}/{'' if delimiter else 'x'}" for n in range(number)]
        assert pages == max(1, -(-number // PAGE))

    def test_what_is_written_can_be_read_and_what_is_deleted_is_gone(self) -> None:
        objects = Objects(["b"], lambda key: key.encode())
        before = objects.e_tag("b")
        assert objects.read("b") == b"b"
        for key in ("a", "b", "c"):
            objects.write(key, b"new")
        objects.delete("c")
        assert (objects.page("", "", "").keys, objects.read("b"), objects.read("c")) == (["a", "b"], b"new", None)
        assert objects.e_tag("b") != before
        objects.delete("b")
        assert (objects.page("", "", "").keys, objects.read("b")) == (["a"], None)
