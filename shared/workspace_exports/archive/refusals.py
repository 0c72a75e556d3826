"""Why storage did not do what it was asked, and what to do about it, from what obstore says."""

import errno
import os
import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from workspace_exports.errors import ArchiveUnavailable

_CODE = re.compile(r"<Code>([\w.]{1,64})</Code>")
_STATUS = re.compile(r"non-2xx status code: (\d{3})\b")
_ERRNO = re.compile(r"\(os error (\d{1,5})\)")
_CONNECTION = re.compile(r"HttpError \{\s*kind: (\w{1,20})")
_TLS = re.compile(r"\b(InvalidCertificate|InvalidMessage|AlertReceived)\(\s*(\w{1,40})")
"""rustls's words for a certificate that is not trusted, and for a host that speaks no TLS."""
_CONNECTIONS = {"Connect": "no connection", "Timeout": "no answer in time"}

_WRITE = (
    "Allow s3:PutObject on the archive's objects; where a KMS key encrypts them, kms:GenerateDataKey and kms:Decrypt "
    "on that key; where ARCHIVE_TAGS is set, s3:PutObjectTagging."
)
_PERMISSION = {
    "write": _WRITE,
    "create": _WRITE,
    "read": "Allow s3:GetObject on the archive's objects, and kms:Decrypt on the KMS key where one encrypts them.",
    "list": "Allow s3:ListBucket on the archive's bucket.",
    "delete": "Allow s3:DeleteObject on the archive's objects.",
}
_KEY = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they belong to this storage."
_TOKEN = "Renew the key: its session token is not good any more."  # noqa: S105 - an advice
_REGION = "Set AWS_REGION to the region of the archive's bucket."
_PLAIN = "If this storage is not AWS's own: set ARCHIVE_CHECKSUM=none, and neither ARCHIVE_TAGS nor a KMS key."
_KMS = "Check the KMS key that encrypts the archive: it must be enabled, and this function allowed to use it."
_LATER = "Try again: the storage is busy, or has a fault of its own."
_ENDPOINT = "Check the network, and AWS_ENDPOINT_URL where it is set, then try again."
_TRUST = (
    "Where a company's proxy or a storage of your own has another certificate, set AWS_CA_BUNDLE or SSL_CERT_FILE to a "
    "file with it; else check AWS_ENDPOINT_URL."
)
_BY_CODE = {
    "AuthorizationHeaderMalformed": _REGION,
    "ExpiredToken": _TOKEN,
    "InternalError": _LATER,
    "InvalidAccessKeyId": _KEY,
    "InvalidArgument": _PLAIN,
    "InvalidRequest": _PLAIN,
    "InvalidToken": _TOKEN,
    "NoSuchBucket": "Create the bucket, or set ARCHIVE_URL and AWS_REGION to where there is one.",
    "NoSuchUpload": _LATER,
    "NotImplemented": _PLAIN,
    "PermanentRedirect": _REGION,
    "RequestExpired": _TOKEN,
    "RequestTimeout": _LATER,
    "RequestTimeTooSkewed": "Set this machine's clock right: a signature is good for minutes only.",
    "ServiceUnavailable": _LATER,
    "SignatureDoesNotMatch": _KEY,
    "SlowDown": _LATER,
}
_FULL = "Make room on the folder's disk, then try again."
_LIMIT = "Let files in the folder be larger (ulimit -f, or another file system), then try again."
_IN_THE_WAY = "Set ARCHIVE_URL to a folder of the archive's own: a file is in the way of one of its folders."
_READ_ONLY = "Let this user write to the folder, or set ARCHIVE_URL to one where that is so."
_BY_ERRNO = {
    errno.EACCES: _READ_ONLY,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _LIMIT,
    errno.ENOSPC: _FULL,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
}


def unavailable(verb: str, key: str, error: Exception) -> ArchiveUnavailable:
    """The error to raise. Never with obstore's whole text: it may quote the request, keys and all."""
    text = str(error)
    reason = ": ".join(filter(None, (type(error).__name__, _fact(text))))
    return ArchiveUnavailable(f"Could not {verb} {key!r} in the archive ({reason})", advice=_advice(verb, error))


def code_of(error: Exception) -> str | None:
    """S3's own code for what is wrong."""
    found = _CODE.search(str(error))
    return found[1] if found else None


def _fact(text: str) -> str | None:
    if found := _CODE.search(text):
        return found[1]
    if found := _STATUS.search(text):
        return f"HTTP {found[1]}"
    if found := _ERRNO.search(text):
        return os.strerror(int(found[1]))
    if found := _TLS.search(text):
        return f"TLS: {found[1]}, {found[2]}"
    if found := _CONNECTION.search(text):
        return _CONNECTIONS.get(found[1], "the connection broke off")
    return None


def _advice(verb: str, error: Exception) -> str | None:
    """None where there is nothing better to say than what the error's class says."""
    if found := _ERRNO.search(str(error)):
        return _BY_ERRNO.get(int(found[1]))
    code = code_of(error) or ""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.startswith("KMS."):
        return _KMS
    if code == "AccessDenied" or isinstance(error, PermissionDeniedError):
        return _PERMISSION[verb]
    return _KEY if isinstance(error, UnauthenticatedError) else _advice_without_code(str(error))


def _advice_without_code(text: str) -> str | None:
    if found := _STATUS.search(text):
        return _LATER if found[1] == "429" or found[1].startswith("5") else None
    if _TLS.search(text):
        return _TRUST
    if found := _CONNECTION.search(text):
        return _ENDPOINT if found[1] == "Connect" else _LATER
    return None
