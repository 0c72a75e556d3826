"""`make check-vendor`: compares the exports declared here with the vendor's SDK, which is read and never imported."""
