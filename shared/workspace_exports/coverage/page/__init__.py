"""Coverage page for a browser. Only modules that answer with a page import it, since it needs Jinja2."""
