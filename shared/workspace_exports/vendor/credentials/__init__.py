"""Who we are to the vendor, and where that is written.

identities   what credentials are            sources   where they come from, in one order
keyring      what this container holds       secret, profile   the two documents they may be in
"""

from workspace_exports.vendor.credentials.identities import AccessKey, Credentials, Login

__all__ = ["AccessKey", "Credentials", "Login"]
