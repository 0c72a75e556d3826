"""The vendor's own SDK and boto3: the SDK answers with the whole file, which then goes to storage."""

import hashlib
import sys

import boto3
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import DownloadExportFileRequest, WorkspaceClient

from local.bench.peers.storage import storage_config
from local.bench.telling import tell


def main(endpoint: str, project_id: str, task_id: str, place: str, signing: str) -> None:
    """Fetch the file."""
    bucket, key = place.split("/", 1)
    credentials = BasicCredentials("access-key", "secret-key", project_id)
    client = WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
    content = client.download_export_file(DownloadExportFileRequest(task_id=task_id)).raw_content
    boto3.client("s3", config=storage_config(signing)).put_object(Bucket=bucket, Key=key, Body=content)
    tell(sha256=hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
