"""What the archive holds, by place: a pattern for the keys, and one key that stands for them all."""

from fnmatch import fnmatchcase

PREFIX = "workspace-exports/"
"""Of every key, as the template has it."""

_EXPORT = "kind=connection-records/project_id=0123456789abcdef"
_RUN = "2026-11-22T043000Z-1a2b3c4d"
PLACES = {
    "data/*": f"data/{_EXPORT}/day=2026-11-20/4d8c2f-1a2b3c4d.xlsx",
    "manifests/*": f"manifests/{_EXPORT}/day=2026-11-20.json",
    "seals/*": "seals/00000042.json",
    "revoked/*": f"revoked/{_EXPORT}/day=2026-11-20/4d8c2f.json",
    "orders/by-time/*": "orders/by-time/project_id=0123456789abcdef/date=2026-11-22/043000-kind=users-1a2b3c4d.json",
    "orders/by-window/*": f"orders/by-window/{_EXPORT}/day=2026-11-20.json",
    "orders/by-task/*": "orders/by-task/4d8c2f.json",
    "failures/*": f"failures/{_EXPORT}/day=2026-11-20.json",
    "statements/*": f"statements/{_EXPORT}/day=2026-11-20.json",
    "runs/*/plan.json": f"runs/{_RUN}/plan.json",
    "runs/*/report.json": f"runs/{_RUN}/report.json",
    "since/*": f"since/{_EXPORT}.json",
    "coverage/*": f"coverage/{_EXPORT}/year=2026.json",
    "coverage.html": "coverage.html",
    "targets.json": "targets.json",
    "doctor/*": "doctor/1a2b3c4d.json",
    "elsewhere": "elsewhere/1a2b3c4d.json",
}
"""`elsewhere` stands for what no version of the bundle writes."""


def place_of(key: str) -> str:
    """Return the place of a key below the archive's URL."""
    return next((place for place in PLACES if fnmatchcase(key, place)), "elsewhere")
