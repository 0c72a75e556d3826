"""requests and boto3: the body is handed to `upload_fileobj` as it comes, and hashed on the way."""

import hashlib
import sys

import boto3
import requests
from boto3.s3.transfer import TransferConfig

from local.bench.measuring import tell
from local.bench.peers import CONFIG, PARTS, TOKEN


class _Hashed:
    """A file to read from that hashes what is read."""

    def __init__(self, body: "requests.Response") -> None:
        self._raw = body.raw
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._raw.read(size)
        self.digest.update(content)
        return content


def main(endpoint: str, project_id: str, task_id: str, bucket: str, key: str) -> None:
    """Fetch it."""
    url = f"{endpoint}/v2/{project_id}/export-tasks/{task_id}/download"
    with requests.get(url, headers={"X-Auth-Token": TOKEN, "Accept-Encoding": "identity"}, stream=True, timeout=20) as response:
        response.raise_for_status()
        body = _Hashed(response)
        boto3.client("s3", config=CONFIG).upload_fileobj(body, bucket, key, Config=TransferConfig(**PARTS))
    tell(sha256=body.digest.hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
