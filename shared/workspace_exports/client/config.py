"""How to sign in, as data: nothing is read and nobody is called until it is used."""

from dataclasses import dataclass

from workspace_exports.client.credentials.providers import CredentialProvider


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Where to sign in, as whom, and to which project.

    Attributes:
        region: also the name of the project, where its id is not known.
        endpoint: of the service.
        iam_endpoint: of the identity service, where it is not the region's own.
        source: where the credentials are.
        project_id: None where it stands beside the credentials, or is to be looked up.
    """

    region: str
    endpoint: str
    iam_endpoint: str | None
    source: CredentialProvider
    project_id: str | None = None
