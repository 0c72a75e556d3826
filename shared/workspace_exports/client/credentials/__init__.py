"""Credentials for the vendor, and the places they are written in.

identities        credentials as such
sources           the places they come from, in one order
keyring           those that this container holds
secret, profile   the two documents they may be in
"""

from workspace_exports.client.credentials.identities import AccessKey, Credentials, Login

__all__ = ["AccessKey", "Credentials", "Login"]
