"""Coverage page for a browser. Imported only by what answers with one, since it needs Jinja2."""
