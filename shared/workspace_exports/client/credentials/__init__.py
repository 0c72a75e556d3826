"""Credentials for the vendor, and the places that hold them.

identities        the credentials themselves
providers         the places that they come from
cache             the credentials that this container holds
secret, profile   the two documents that may hold them
"""

from workspace_exports.client.credentials.identities import AccessKey, Credentials, Login

__all__ = ["AccessKey", "Credentials", "Login"]
