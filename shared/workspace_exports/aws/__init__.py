"""Calls to AWS without boto3: the signature, the role's key, a secret, an execution of a state machine."""
