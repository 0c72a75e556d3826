"""As much of AWS as it takes to read one secret: a signature, the function's own key, GetSecretValue. No boto3."""
