"""What goes wrong over HTTP: a problem of RFC 9457."""

from pydantic import Field

from workspace_exports.core.contract import Contract


class Problem(Contract):
    """`application/problem+json`.

    Attributes:
        type: `about:blank`: the class says what the type would.
        title: what kind of problem it is.
        status: the HTTP status.
        detail: what went wrong, what the vendor said, what to do, and what it is about.
        error: the class, the same that a state machine matches.
        vendor_code: the vendor's error code.
        vendor_request_id: what the vendor's support asks for.
        task_id: the vendor's export task.
    """

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    error: str
    vendor_code: str | None = None
    vendor_request_id: str | None = None
    task_id: str | None = None
