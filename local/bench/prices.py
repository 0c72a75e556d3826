"""Public list prices, in one place: change them here, and `make bench BENCH=money` prices the counts anew."""

from dataclasses import dataclass
from datetime import date

REGION = "us-east-1"
AS_OF = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one.

    Attributes:
        source: where it was read; what is said to be remembered could not be looked up from where this was written.
    """

    dollars: float
    source: str


TRANSITION = Price(0.025 / 1000, "aws.amazon.com/step-functions/pricing, a stored copy")
CALL = Price(0.20 / 1_000_000, "quoted by third parties")
GB_SECOND = Price(0.0000133334, "arm64, quoted by third parties")
S3_WRITE = Price(0.005 / 1000, "PUT, COPY, POST, LIST of S3 Standard, quoted by third parties")
S3_READ = Price(0.0004 / 1000, "GET and all other requests of S3 Standard, remembered")
SECRET_CALL = Price(0.05 / 10_000, "quoted by third parties")

PRICES = {
    "state transition": TRANSITION,
    "function call": CALL,
    "GB-second": GB_SECOND,
    "S3 write": S3_WRITE,
    "S3 read": S3_READ,
    "secret read": SECRET_CALL,
}
