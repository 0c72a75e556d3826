"""The whole job on one machine: stand-in vendor, embedded engine, the real template, files to open at the end."""
