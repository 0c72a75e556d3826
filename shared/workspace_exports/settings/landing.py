"""What becomes of the vendor's task once its file has landed."""

from pydantic import Field

from workspace_exports.settings.base import Settings


class LandingSettings(Settings):
    """Off unless somebody asks for it: what is deleted at the vendor cannot be fetched again."""

    delete_after_landing: bool = Field(default=False, alias="DELETE_AFTER_LANDING")
