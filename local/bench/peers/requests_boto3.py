"""requests and boto3: `upload_fileobj` reads the body from the connection, and what it reads is hashed."""

import hashlib
import sys
from typing import IO, cast

import boto3
import requests

from local.bench.peers.storage import TOKEN, storage_config
from local.bench.telling import tell


class _Hashed:
    """A file to read from, hashed as it is read."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._body.read(size)
        self.digest.update(content)
        return content


def main(endpoint: str, project_id: str, task_id: str, place: str, signing: str) -> None:
    """Fetch the file."""
    bucket, key = place.split("/", 1)
    url = f"{endpoint}/v2/{project_id}/export-tasks/{task_id}/download"
    headers = {"X-Auth-Token": TOKEN, "Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=20) as response:
        response.raise_for_status()
        body = _Hashed(response.raw)
        boto3.client("s3", config=storage_config(signing)).upload_fileobj(cast("IO[bytes]", body), bucket, key)
    tell(sha256=body.digest.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
