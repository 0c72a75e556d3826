"""The keys of an archive that its readers see."""

from workspace_exports.storage.store import Store


def landed(store: Store) -> list[str]:
    """All keys but those of the order book, and of what waits for a second task."""
    return [key for key in store.keys("") if not key.startswith(("orders/", "statements/"))]
