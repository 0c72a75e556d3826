#!/bin/sh
# The command of this checkout, in make's virtual environment; make copies it there. It moves with the folder.
bin=$(cd "$(dirname "$0")" && pwd) || exit 2
PYTHONPATH="$bin/../../../shared" exec "$bin/python" -m workspace_exports.commands "$@"
