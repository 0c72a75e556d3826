"""Parts of AWS: a signature, the key of a role, a secret, an execution. Without boto3."""
