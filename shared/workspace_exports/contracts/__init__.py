"""What crosses a boundary: events between the handlers, and manifests in the archive. Parsed strictly."""
