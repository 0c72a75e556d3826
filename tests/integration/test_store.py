"""The archive's storage on a real S3."""

import pytest

from workspace_exports.archive.store import Store, open_store
from workspace_exports.errors import ArchiveUnavailable


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_refusal_is_told_by_s3s_own_code(store: Store) -> None:
    missing = open_store("s3://no-such-bucket/prefix")
    with pytest.raises(ArchiveUnavailable, match=r"Could not write 'data/x' in the archive \(\w+: NoSuchBucket\)"):
        missing.write("data/x", [b"content"])


def test_a_taken_key_is_not_overwritten(store: Store) -> None:
    assert store.create("manifests/x.json", b"first")
    assert not store.create("manifests/x.json", b"second")
    assert store.read("manifests/x.json") == b"first"
