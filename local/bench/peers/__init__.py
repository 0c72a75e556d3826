"""What somebody would write who needs such a file in a bucket, one script for each way; each runs on its own.

python -m local.bench.peers.requests_boto3 ENDPOINT PROJECT TASK BUCKET KEY, with AWS's variables in the environment.
The requests carry a token: to sign them would cost the scripts more.
"""

import os
from botocore.config import Config
CONFIG = Config(s3={"payload_signing_enabled": False}) if "UNS" in os.environ else None
PARTS = {"multipart_chunksize": int(os.environ.get("CH","16")) << 20, "max_concurrency": int(os.environ.get("CO","4"))} if "CH" in os.environ else {}
ACCESS_KEY, SECRET_KEY = "key", "secret"
TOKEN = "token-of-the-identity-service"  # noqa: S105 - nobody checks it
