"""Options that several commands have in common."""

from typing import Annotated

import typer

Archive = Annotated[
    str | None,
    typer.Option(
        "--archive", metavar="PLACE", help="A folder, file:///path or s3://bucket/prefix; by default ARCHIVE_URL."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document to standard output; all else goes to standard error.")
]
