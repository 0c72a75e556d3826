"""Secrets and personal data that no log and no output may hold."""

from local.standin.accounts import DEMO_PASSWORD, DEMO_SECRET_KEY
from local.standin.company import CANARIES
from local.standin.contents import Contents

CANARIED = Contents(canaries=True)
"""Contents of a stand-in whose every row would be recognised."""

FILTER_CANARY = "canary-person"
"""For tests to filter by: a filter's value may be a person's name."""

_HIDDEN = (*CANARIES, DEMO_SECRET_KEY, DEMO_PASSWORD, FILTER_CANARY, "Signature=")


def leaks(text: str) -> list[str]:
    """What of it the text holds."""
    return [hidden for hidden in _HIDDEN if hidden in text]
