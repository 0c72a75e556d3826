"""Reader of one secret in AWS Secrets Manager."""

from collections.abc import Mapping

from workspace_exports.aws.service_calls import Arn, JsonService, Refusal
from workspace_exports.core.errors import Misconfigured

_SECRETS_MANAGER = JsonService(
    title="AWS Secrets Manager",
    name="secretsmanager",
    target="secretsmanager",
    version="1.1",
    override="AWS_ENDPOINT_URL_SECRETS_MANAGER",
)
_ADVICE = {
    "AccessDeniedException": "Allow the function's role secretsmanager:GetSecretValue on exactly this secret.",
    "DecryptionFailure": "Allow the function's role kms:Decrypt on the key that encrypts the secret.",
    "ResourceNotFoundException": "Create the secret, or set WORKSPACE_CREDENTIALS_SECRET_ARN to the one there is.",
}
_OTHER_ADVICE = "Check WORKSPACE_CREDENTIALS_SECRET_ARN, the secret's state and the function's role."


def parse_arn(text: str) -> Arn:
    """Return the parts of a secret's ARN.

    Raises:
        Misconfigured: the text is not the ARN of a secret.
    """
    arn = Arn.parse(text, "secretsmanager", r"secret:[\w/+=.@!-]+")
    if arn is None:
        raise Misconfigured("WORKSPACE_CREDENTIALS_SECRET_ARN: must be the ARN of an AWS Secrets Manager secret")
    return arn


def read_secret(arn: str, environment: Mapping[str, str]) -> str:
    """Return the secret's current text.

    Raises:
        Misconfigured: AWS will refuse every retry, and the text has AWS's code and the permission or setting to
            change; or the secret holds no text.
        Throttled, VendorUnavailable: a retry may work.
    """
    secret = parse_arn(arn)
    doing = f"read {secret.text}"
    try:
        answer = _SECRETS_MANAGER.call("GetSecretValue", secret, {"SecretId": secret.text}, environment, doing)
    except Refusal as refusal:
        what = _SECRETS_MANAGER.answered(doing, refusal.code)
        raise Misconfigured(what, advice=_ADVICE.get(refusal.code, _OTHER_ADVICE)) from None
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise Misconfigured(f"The secret {secret.text} holds no text: store it as a SecretString")
    return text
