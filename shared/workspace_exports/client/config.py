"""Settings for signing in, as plain data: the client reads nothing and calls no service until it uses them."""

from dataclasses import dataclass

from workspace_exports.client.credentials.providers import CredentialProvider


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Settings of one way to sign in: the endpoints, the source of the credentials and the project.

    Attributes:
        region: also the name of the project if its id is not known.
        endpoint: URL of the service.
        iam_endpoint: URL of the identity service; None for the one beside the credentials or the region's own.
        source: provider of the credentials.
        project_id: None if it stands beside the credentials or has to be looked up.
    """

    region: str
    endpoint: str
    iam_endpoint: str | None
    source: CredentialProvider
    project_id: str | None = None
