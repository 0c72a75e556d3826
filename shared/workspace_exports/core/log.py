"""The one logger: a short lower-case phrase plus fields. Never a key, a token, a signed URL or a user's row."""

from aws_lambda_powertools import Logger

logger = Logger(service="workspace-exports", use_rfc3339=True)
"""Lambda takes the level of a line with an RFC 3339 timestamp only; every other line is INFO to it."""
