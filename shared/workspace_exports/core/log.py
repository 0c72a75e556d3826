"""The only logger. A log line is a short lower-case phrase plus fields.

It never holds a key, a token, a signed URL or a user's row.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="workspace-exports", use_rfc3339=True)
"""Logger with RFC 3339 timestamps: Lambda reads the level only of such a line and takes every other line as INFO."""
