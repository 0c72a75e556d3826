"""A secret's ARN, and credentials of a role in the forms that AWS hands them out."""

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:workspace-AbCdEf"
ROLE = {"AWS_ACCESS_KEY_ID": "role-key", "AWS_SECRET_ACCESS_KEY": "role-secret", "AWS_SESSION_TOKEN": "role-token"}
HANDED_OUT = {"AccessKeyId": "handed-out", "SecretAccessKey": "role-secret", "Token": "role-token"}
