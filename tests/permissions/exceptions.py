"""What is granted although no recorded call uses it, with the reason."""

EXCEPTIONS = {
    "PlanArchiveFunctionRole s3:AbortMultipartUpload runs/*/plan.json": (
        "A plan is written in parts, and the storage library gives an upload up whose part storage refuses. The local "
        "engine refuses none."
    ),
}
"""By role, action, and the place in the archive or the ARN."""

AWS_OWN = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": (
        "SAM gives it to each function. Lambda writes the log by it: CreateLogGroup, CreateLogStream, PutLogEvents."
    ),
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess": "SAM gives it to each function whose calls are traced.",
    "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole": (
        "SAM gives it to each function in a network, in the place of the first: Lambda makes its network interfaces."
    ),
}
"""Policies of AWS, which nothing here reads: what Lambda does by a role is in no request of a function."""
