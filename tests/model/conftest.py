"""The S3 of the integration tests, for the model's long runs."""

from tests.integration.conftest import s3_client, s3_endpoint, s3_environment

__all__ = ["s3_client", "s3_endpoint", "s3_environment"]
