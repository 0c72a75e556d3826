"""Pages for a browser. Imported only by what answers with one: they bring Jinja2 along."""
