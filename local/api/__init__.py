"""The deployed HTTP API at an address of its own, so that its URLs look as on AWS, and a page to read it by."""

from local.api.server import serving

__all__ = ["serving"]
