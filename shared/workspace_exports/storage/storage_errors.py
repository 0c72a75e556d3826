"""Errors of the archive's storage, with the reason and the advice that follow from obstore's error texts."""

import errno
import os
import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.core.redaction import sanitize

_CODE = re.compile(r"<Code>\s{0,8}([\w.:-]{1,64})\s{0,8}</Code>")
_REGION_NAMED = re.compile(
    r"<Region>([a-z0-9-]{1,32})</Region>|<Endpoint>[\w.-]{0,80}?s3[.-]([a-z]{2,4}-[a-z0-9-]{1,28})\.amazonaws\."
    r"|expecting '([a-z0-9-]{1,32})'"
)
_NAME = re.compile(r'Path "([^"]{1,2000})"')
_STATUS = re.compile(r"non-2xx status code: (\d{3})\b")
_ERRNO = re.compile(r"\(os error (\d{1,5})\)")
_CONNECTION = re.compile(r"HttpError \{\s*kind: (\w{1,20})")
_BARE_REDIRECT = "Received redirect without LOCATION"
_REDIRECTS = ("301", "307", "308")
_LEFT_TO_THE_CALLER = frozenset({"Interrupted", "Unknown", "Decode"})
_BROKEN = _LEFT_TO_THE_CALLER | {"Request"}
_TLS = re.compile(r"\b(InvalidCertificate|InvalidMessage|AlertReceived)\(\s*(\w{1,40})")
"""Pattern of rustls's errors for a certificate that is not trusted, and for a host without TLS."""
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
_TOKEN = "Renew the key: its session token has expired."  # noqa: S105 - an advice
_REGION = "Set AWS_REGION to the region of the archive's bucket."
_UNCONDITIONAL = (
    "Use another storage for the archive: this one does not take PUT with If-None-Match, and without it two runs at "
    "once could replace each other's records."
)
_UNCONDITIONAL_STATUS = ("400", "405", "501")
_UNCONDITIONAL_CODES = frozenset(
    {
        None,
        "BadRequest",
        "InvalidArgument",
        "InvalidRequest",
        "MethodNotAllowed",
        "NotImplemented",
        "NotSupported",
        "OperationNotSupported",
        "UnsupportedOperation",
    }
)
_PLAIN = "If this storage is not AWS's own: set ARCHIVE_CHECKSUM=none, and neither ARCHIVE_TAGS nor a KMS key."
_KMS = "Check the KMS key that encrypts the archive: it must be enabled, and this function allowed to use it."
_LATER = "Try again: the storage is busy, or has a fault of its own."
_ENDPOINT = "Check the network, and AWS_ENDPOINT_URL where it is set, then try again."
_COLD = "Restore the object from its cold storage class, or let the archive's lifecycle rules leave it out of there."
_QUOTA = "Raise the quota of the bucket or of its account, or remove what is not needed any more."
_CHANGED = (
    "Try again: what arrived is not what was sent. If it happens again, look at proxies between here and the storage."
)
_TRUST = (
    "Where a company's proxy or a storage of your own has another certificate, set AWS_CA_BUNDLE or SSL_CERT_FILE to a "
    "file with it; else check AWS_ENDPOINT_URL."
)
_BY_CODE = {
    "AccountProblem": "Contact the storage's provider: it has blocked this account.",
    "AllAccessDisabled": "Contact the storage's provider: it has disabled all access to this bucket.",
    "AuthorizationHeaderMalformed": _REGION,
    "BadDigest": _CHANGED,
    "BucketQuotaExceeded": _QUOTA,
    "EntityTooLarge": "Use a storage that takes objects of this size.",
    "ExpiredToken": _TOKEN,
    "InternalError": _LATER,
    "InvalidAccessKeyId": _KEY,
    "InvalidArgument": _PLAIN,
    "InvalidDigest": _CHANGED,
    "InvalidObjectState": _COLD,
    "InvalidRegion": _REGION,
    "InvalidRequest": _PLAIN,
    "InvalidToken": _TOKEN,
    "InvalidBucketName": "Set ARCHIVE_URL to the name of a bucket that this storage can have.",
    "IllegalLocationConstraintException": _REGION,
    "MethodNotAllowed": _PLAIN,
    "NoSuchBucket": "Create the bucket, or set ARCHIVE_URL and AWS_REGION to where there is one.",
    "NoSuchUpload": _LATER,
    "NotImplemented": _PLAIN,
    "OperationAborted": _LATER,
    "PermanentRedirect": _REGION,
    "QuotaExceeded": _QUOTA,
    "RequestExpired": _TOKEN,
    "RequestTimeout": _LATER,
    "RequestTimeTooSkewed": "Correct this machine's clock: a signature is valid for a few minutes only.",
    "ServiceUnavailable": _LATER,
    "SignatureDoesNotMatch": _KEY,
    "SlowDown": _LATER,
    "SlowDownRead": _LATER,
    "SlowDownWrite": _LATER,
    "StorageQuotaExceeded": _QUOTA,
    "TemporaryRedirect": _REGION,
    "TooManyRequests": _LATER,
    "XAmzContentChecksumMismatch": _CHANGED,
    "XAmzContentSHA256Mismatch": _CHANGED,
}
_FULL = "Make room on the folder's disk, then try again."
_LIMIT = "Let files in the folder be larger (ulimit -f, or another file system), then try again."
_IN_THE_WAY = "Set ARCHIVE_URL to a folder of the archive's own: a file is in the way of one of its folders."
_READ_ONLY = "Let this user write to the folder, or set ARCHIVE_URL to one where that is so."
_BY_ERRNO = {
    errno.EACCES: _READ_ONLY,
    errno.EDQUOT: _FULL,
    errno.EEXIST: _IN_THE_WAY,
    errno.EFBIG: _LIMIT,
    errno.EISDIR: _IN_THE_WAY,
    errno.ELOOP: _IN_THE_WAY,
    errno.ENOSPC: _FULL,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
}


class StorageRefusal(Exception):
    """Refusal by the storage of our own call; the text has the form of obstore's errors.

    Attributes:
        is_passing: True if a retry may work.
    """

    def __init__(self, text: str, *, is_passing: bool = False) -> None:
        super().__init__(text)
        self.is_passing = is_passing


def unavailable(verb: str, key: str, error: Exception) -> ArchiveUnavailable:
    """Return the error to raise, without obstore's whole text, because that may quote the request with its keys."""
    return ArchiveUnavailable(_what(verb, key, error), advice=_advice(verb, error))


def unconditional(key: str, error: Exception) -> Misconfigured:
    """Return the error to raise if the storage accepts writes but no conditional create."""
    what = f"{_what('create', key, error)}: this storage cannot create an object only if it is absent"
    return Misconfigured(what, advice=_UNCONDITIONAL)


def may_be_unconditional(error: Exception) -> bool:
    """Return whether the storage may have refused a create because of its condition."""
    status = _STATUS.search(str(error))
    return bool(status and status[1] in _UNCONDITIONAL_STATUS and code_of(error) in _UNCONDITIONAL_CODES)


def inexpressible(prefix: str, error: Exception) -> Misconfigured:
    """Return the error to raise if one name stops a listing.

    A retry does not help: an operator has to remove or rename that object.
    """
    found = _NAME.search(str(error))
    name = sanitize(found[1]) if found else "a name"
    return Misconfigured(
        f"Could not list {prefix!r} in the archive: the storage library cannot express {name!r}",
        advice="Remove or rename that object.",
    )


def is_nameless_redirect(error: Exception) -> bool:
    """Return whether the storage redirected the call, which obstore reports without a code."""
    status = _STATUS.search(str(error))
    return _BARE_REDIRECT in str(error) or bool(status and status[1] in _REDIRECTS and not code_of(error))


def has_broken_off(error: Exception) -> bool:
    """Return whether the connection broke, so that the storage may or may not have done the call."""
    found = _CONNECTION.search(str(error))
    return bool(found and found[1] in _BROKEN)


def is_worth_repeating(error: Exception) -> bool:
    """Return whether the connection broke in a way that obstore does not retry for a create, but we may."""
    found = _CONNECTION.search(str(error))
    return bool(found and found[1] in _LEFT_TO_THE_CALLER)


def code_of(error: Exception) -> str | None:
    """Return S3's own error code; None if the error has none."""
    found = _CODE.search(str(error))
    return found[1] if found else None


def _what(verb: str, key: str, error: Exception) -> str:
    reason = ": ".join(filter(None, (type(error).__name__, _fact(error))))
    return f"Could not {verb} {key!r} in the archive ({reason})"


def _fact(error: Exception) -> str | None:
    text = str(error)
    status = _STATUS.search(text)
    if name := code_of(error) or (f"HTTP {status[1]}" if status else None):
        region = _region_named(text)
        return f"{name}, region {region}" if region else name
    if number := _errno(error):
        return os.strerror(number)
    if found := _TLS.search(text):
        return f"TLS: {found[1]}, {found[2]}"
    if found := _CONNECTION.search(text):
        return _CONNECTIONS.get(found[1], "the connection broke off")
    return "PermanentRedirect" if _BARE_REDIRECT in text else None


def _errno(error: Exception) -> int | None:
    """Return the operating system's error number, from its own error or from obstore's text."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = _ERRNO.search(str(error))
    return int(found[1]) if found else None


def _region_named(text: str) -> str | None:
    found = _REGION_NAMED.search(text)
    return next(filter(None, found.groups()), None) if found else None


def _advice(verb: str, error: Exception) -> str | None:
    """Return the advice; None if the advice of the error's class is the best."""
    if number := _errno(error):
        return _BY_ERRNO.get(number)
    code = code_of(error) or ("PermanentRedirect" if is_nameless_redirect(error) else "")
    region = _region_named(str(error))
    if region and _BY_CODE.get(code) is _REGION:
        return f"Set AWS_REGION to {region}, the region of the archive's bucket."
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
