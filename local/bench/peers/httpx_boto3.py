"""httpx and boto3: chunks are hashed, and joined to what `upload_fileobj` asks for."""

import hashlib
import sys
from collections.abc import Iterator
from typing import IO, cast

import boto3
import httpx

from local.bench.peers.storage import TOKEN, storage_config
from local.bench.telling import tell


class _Hashed:
    """A file to read from, made of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        while (size < 0 or len(self._held) < size) and (chunk := next(self._chunks, b"")):
            self.digest.update(chunk)
            self._held += chunk
        taken = len(self._held) if size < 0 else size
        content = bytes(self._held[:taken])
        del self._held[:taken]
        return content


def main(endpoint: str, project_id: str, task_id: str, place: str, signing: str) -> None:
    """Fetch the file."""
    bucket, key = place.split("/", 1)
    url = f"{endpoint}/v2/{project_id}/export-tasks/{task_id}/download"
    headers = {"X-Auth-Token": TOKEN, "Accept-Encoding": "identity"}
    with httpx.stream("GET", url, headers=headers, timeout=20) as response:
        response.raise_for_status()
        body = _Hashed(response.iter_raw())
        boto3.client("s3", config=storage_config(signing)).upload_fileobj(cast("IO[bytes]", body), bucket, key)
    tell(sha256=body.digest.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
