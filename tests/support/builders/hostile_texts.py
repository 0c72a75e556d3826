"""Texts that an attacker would send, and the check that no screen shows them."""

HOSTILE = "a\r\nSet-Cookie: x\x00\x1b]0;owned\x07\x1b[2J\u202eb\u2028c\u0085d\x7f"
"""Line ends of every kind, what moves a terminal, what turns a text round."""

HOSTILE_HEADER = "a\x1b]0;owned\x07\x1b[2J" + "b" * 5000
"""As much of it as a header can hold."""


def unprintable(text: str) -> set[str]:
    """What of a text may not be shown: all but printable characters and the ends of its lines."""
    return {char for char in text if not char.isprintable() and char != "\n"}
