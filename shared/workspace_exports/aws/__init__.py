"""As much of AWS as it takes to read a secret and to start a workflow: a signature, the role's own key. No boto3."""
