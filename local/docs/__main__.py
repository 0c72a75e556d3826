"""`make docs`: write all pages that come from the code."""

from local.docs.pages import PAGES

if __name__ == "__main__":
    for page, text in PAGES.items():
        page.write_text(text(), encoding="utf-8")
