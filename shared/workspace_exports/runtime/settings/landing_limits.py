"""Settings of landing: deletion at the vendor, reasons that mean "no data", and long fetches over HTTP."""

from pydantic import Field

from workspace_exports.runtime.settings.base import Settings

_NO_DATA_REASONS = (
    "no data; no data found; no data to export; no data available; there is no data to export; data is empty; "
    "no record; no records; no record found; no records found; no matching records; "
    "没有数据; 无数据; 暂无数据; 数据为空"
)
_ENDS = " .!\u3002\uff01"


class LandingSettings(Settings):
    """Settings of landing: deletion at the vendor, and reasons that mean "no data".

    Deletion is off by default, because a deleted file cannot be fetched from the vendor again. A reason is a whole
    sentence of the vendor's, so that "no data disk" is never taken for "no data".
    """

    delete_after_landing: bool = Field(
        default=False,
        alias="DELETE_AFTER_LANDING",
        description="true to delete the vendor's copy once the file is archived and verified",
    )
    no_data_reasons: str = Field(
        default=_NO_DATA_REASONS,
        alias="VENDOR_NO_DATA_REASONS",
        description='reasons of a failed task that mean "no data": whole sentences, separated by semicolons',
    )

    def means_no_data(self, reason: str | None) -> bool:
        """Return whether a task that failed for this reason had nothing to export."""
        return bool(reason) and _plain(reason or "") in {_plain(one) for one in self.no_data_reasons.split(";")} - {""}


class DelegationSettings(Settings):
    """Settings of long fetches over HTTP: the workflow that does them."""

    export_workflow_arn: str | None = Field(
        default=None,
        alias="EXPORT_WORKFLOW_ARN",
        description="the workflow to which fetch-file over HTTP leaves long fetches; unset, it fetches them itself",
    )


def _plain(reason: str) -> str:
    return " ".join(reason.casefold().split()).strip(_ENDS)
