"""The number of connections one download may take, by what they brought."""

_AT_FIRST = 32
_BYTES_FOR_EACH_FURTHER = 256 * 1024


def most_connections(came_bytes: int) -> int:
    """The connections that a download may open until so many bytes have come.

    A line that drops every 16 MiB brings 1 GiB in 64 connections, of 4,128. One that drops every 8 KiB ends at the
    33rd. The number is bounded because a file's length is.

    Args:
        came_bytes: of the file, without repetition.
    """
    return _AT_FIRST + came_bytes // _BYTES_FOR_EACH_FURTHER
