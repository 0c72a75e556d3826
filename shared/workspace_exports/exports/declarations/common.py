"""Parameters and rules that several exports share unchanged."""

from workspace_exports.exports.dependencies import Needs
from workspace_exports.exports.parameters import Choice, Text

ENTERPRISE_PROJECT_ID = Text(name="enterprise_project_id", meaning="enterprise project")

DEMANDED_LANGUAGE = Choice(
    name="language",
    meaning="language of the headings",
    allowed=("zh_CN", "en_US"),
    mandatory=True,
    default="en_US",
)

ACTIVE_TYPES = ("USER_ACTIVATE", "ADMIN_ACTIVATE")

SORT_TYPE_NEEDS_FIELD = Needs("sort_type", "sort_field")


def language(default: str | None = None) -> Choice:
    """Return the optional parameter for the language; `default` only where the vendor documents one."""
    return Choice(
        name="language", meaning="language of the headings", allowed=DEMANDED_LANGUAGE.allowed, default=default
    )


def sorting(*fields: str, default: str | None = None) -> tuple[Choice, Choice]:
    """Return the parameters for the sort field and the direction; `default` only where the vendor documents one."""
    return (
        Choice(name="sort_field", meaning="column to sort by", allowed=fields),
        Choice(name="sort_type", meaning="direction of sorting", allowed=("ASC", "DESC"), default=default),
    )
