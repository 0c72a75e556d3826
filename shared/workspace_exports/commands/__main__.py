"""`python -m workspace_exports.commands`: the same as `workspace-exports`, for a checkout without an installation."""

import sys

from workspace_exports.commands.program import main

if __name__ == "__main__":
    sys.exit(main())
