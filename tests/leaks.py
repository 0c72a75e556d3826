"""What no log and no output may ever hold, whatever a test is about."""

from local.standin import CANARIES, DEMO_PASSWORD, DEMO_SECRET_KEY, Contents

CANARIED = Contents(canaries=True)
"""For a stand-in whose every row would be recognised."""

FILTER_CANARY = "canary-person"
"""For tests to filter by: a filter's value may be a person's name."""

_HIDDEN = (*CANARIES, DEMO_SECRET_KEY, DEMO_PASSWORD, FILTER_CANARY, "Signature=")


def leaks(text: str) -> list[str]:
    """What of it the text holds."""
    return [hidden for hidden in _HIDDEN if hidden in text]
