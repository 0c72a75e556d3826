"""What the scripts that bring a file to storage share. They leave boto3 its own part size and number of threads.

python -m local.bench.peers.requests_boto3 ENDPOINT PROJECT TASK BUCKET/KEY SIGNING, AWS's variables in the environment.
Parts of 16 MiB, four at a time, were no faster and took more memory.
"""

from botocore.config import Config

TOKEN = "token-of-the-identity-service"  # noqa: S105 - to sign the request would cost a script more; nobody checks it


def storage_config(signing: str) -> Config | None:
    """boto3's own; `unsigned`, it does not hash payloads for the signature, which over https it never does."""
    return Config(s3={"payload_signing_enabled": False}) if signing == "unsigned" else None
