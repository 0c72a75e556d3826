"""httpx and boto3: the chunks are joined to what `upload_fileobj` asks for, and hashed on the way."""

import hashlib
import sys
from collections.abc import Iterator

import boto3
import httpx
from boto3.s3.transfer import TransferConfig

from local.bench.measuring import tell
from local.bench.peers import CONFIG, PARTS, TOKEN


class _Hashed:
    """A file to read from, made of chunks, that hashes them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        while len(self._held) < size and (chunk := next(self._chunks, b"")):
            self.digest.update(chunk)
            self._held += chunk
        content = bytes(self._held[:size])
        del self._held[:size]
        return content


def main(endpoint: str, project_id: str, task_id: str, bucket: str, key: str) -> None:
    """Fetch it."""
    url = f"{endpoint}/v2/{project_id}/export-tasks/{task_id}/download"
    headers = {"X-Auth-Token": TOKEN, "Accept-Encoding": "identity"}
    with httpx.stream("GET", url, headers=headers, timeout=20) as response:
        response.raise_for_status()
        body = _Hashed(response.iter_raw())
        boto3.client("s3", config=CONFIG).upload_fileobj(body, bucket, key, Config=TransferConfig(**PARTS))
    tell(sha256=body.digest.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
