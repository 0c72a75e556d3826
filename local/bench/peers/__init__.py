"""What somebody would write who needs such a file in a bucket: one script for each way, with boto3's own defaults.

python -m local.bench.peers.requests_boto3 ENDPOINT PROJECT TASK BUCKET/KEY SIGNING, AWS's variables in the environment.
Larger parts, fewer at a time, were no faster and took more memory.
"""

from botocore.config import Config

TOKEN = "token-of-the-identity-service"  # noqa: S105 - to sign the request would cost a script more; nobody checks it
ACCESS_KEY, SECRET_KEY = "access-key", "secret-key"


def storage_config(signing: str) -> Config | None:
    """boto3's own; `unsigned`, it does not hash payloads for the signature, which over https it never does."""
    return Config(s3={"payload_signing_enabled": False}) if signing == "unsigned" else None
