"""A company that does not exist, and the circumstances of its people's connections.

All of it follows from a row's number and its own dice, so that the same request brings the same rows. Addresses are
private or for documentation, and MAC addresses are locally administered.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

CANARY_USER = "canary.zoe.quill"
CANARY_IP = "198.51.100.77"
CANARY_MAC = "02:CA:4A:12:9E:77"
CANARIES = (CANARY_USER, CANARY_IP, CANARY_MAC)
"""Personal data by intent: if one of these is ever in a log, an error text or a workflow's state, it leaked.

Reports hold them where a test asks for it.
"""

_NAMES = (
    *("anna.schmidt", "li.na", "james.okafor", "wang.wei", "maria.silva", "chen.jing", "tom.baker", "zhang.min"),
    *("priya.nair", "lucas.moreau", "liu.yang", "sofia.rossi", "omar.haddad", "zhao.lei", "emma.larsson", "sun.qi"),
    *("diego.fernandez", "huang.yan", "nadia.petrova", "xu.bo", "grace.mwangi", "gao.ting", "peter.novak", "ma.chao"),
    *("yuki.tanaka", "he.xin", "amir.karimi", "lin.fang", "julia.wagner", "guo.ming", "ravi.menon", "tang.yi"),
)
_DEPARTMENTS = (("FIN", "Finance"), ("ENG", "Engineering"), ("SAL", "Sales"), ("SUP", "Support"), ("HR", "People"))
_OFFICES = ("203.0.113.10", "203.0.113.11", "203.0.113.74")
_SYSTEMS = ("Windows 11", "Windows 10", "macOS 15", "Windows 11", "iOS 19", "Linux")
_CLIENTS = ("24.2.0.10012", "24.1.3.10007", "23.8.1.10031")
_AGENTS = ("24.2.0.302", "24.1.3.288")
APPLICATIONS = (
    ("Office", "Microsoft Excel"),
    ("Office", "Microsoft Word"),
    ("Accounting", "SAP GUI"),
    ("Design", "AutoCAD"),
    ("Office", "Microsoft Outlook"),
    ("Support", "Service Desk"),
)
ENTERPRISE_PROJECTS = ("default", "headquarters", "subsidiaries")


@dataclass(frozen=True)
class Failure:
    """Why a connection was not made; code and words belong together."""

    code: str
    words: str


FAILURES = (
    Failure("WKS.00010401", "The user name or password is incorrect."),
    Failure("WKS.00010408", "The connection timed out: the server did not respond."),
    Failure("WKS.00010403", "The access policy does not allow the client's address."),
    Failure("WKS.00010503", "No server of the group is available."),
)
"""Invented: the vendor documents the fields, but neither codes nor words."""


@dataclass(frozen=True)
class Person:
    """Somebody with a desktop, by number; the thirty-third has the first one's name with a number behind it."""

    number: int
    is_canary: bool = False

    @property
    def user(self) -> str:
        """The name to log in with."""
        if self.is_canary:
            return f"{CANARY_USER}.{self.number:04d}"
        round_, name = divmod(self.number, len(_NAMES))
        return f"{_NAMES[name]}{round_ + 1 if round_ else ''}"

    @property
    def department(self) -> str:
        """Where they work."""
        return _DEPARTMENTS[self.number % len(_DEPARTMENTS)][1]

    @property
    def desktop(self) -> str:
        """The computer name of their desktop."""
        return f"{_DEPARTMENTS[self.number % len(_DEPARTMENTS)][0]}-{self.number + 1:04d}"

    @property
    def server(self) -> str:
        """The application server that their sessions run on."""
        return f"APS-{self.number % 6 + 1:02d}"

    @property
    def terminal(self) -> str:
        """The name of their own machine."""
        return f"{'NB' if self.works_at_home else 'PC'}-{self.number + 101:04d}"

    @property
    def works_at_home(self) -> bool:
        """Every third one does."""
        return self.number % 3 == 2  # noqa: PLR2004 - of three

    @property
    def terminal_ip(self) -> str:
        """The address of their machine in its network."""
        at_home, in_office = f"192.168.1.{20 + self.number % 80}", f"10.20.{self.number % 4}.{10 + self.number % 200}"
        return self._or_canary(at_home if self.works_at_home else in_office)

    @property
    def egress_ip(self) -> str:
        """The address that the vendor sees: one of the offices', or one of their own."""
        at_home, in_office = f"192.0.2.{1 + self.number % 250}", _OFFICES[self.number % len(_OFFICES)]
        return self._or_canary(at_home if self.works_at_home else in_office)

    @property
    def desktop_ip(self) -> str:
        """The address of their desktop."""
        return self._or_canary(f"172.16.{self.number % 8}.{11 + self.number % 240}")

    @property
    def server_ip(self) -> str:
        """The address of their application server."""
        return self._or_canary(f"172.16.64.{11 + self.number % 6}")

    @property
    def mac(self) -> str:
        """The MAC address of their machine."""
        return (
            CANARY_MAC
            if self.is_canary
            else f"02:1F:6B:{self.number % 7:02X}:{self.number // 256:02X}:{self.number % 256:02X}"
        )

    @property
    def system(self) -> str:
        """The operating system of their machine."""
        return _SYSTEMS[self.number % len(_SYSTEMS)]

    @property
    def client(self) -> str:
        """The version of the client on it."""
        return _CLIENTS[self.number % len(_CLIENTS)]

    @property
    def agent(self) -> str:
        """The version of the agent on the other side."""
        return _AGENTS[self.number % len(_AGENTS)]

    def _or_canary(self, address: str) -> str:
        return CANARY_IP if self.is_canary else address


@dataclass(frozen=True, kw_only=True)
class Row:
    """The circumstances from which one row is made.

    Every ninth connection fails. The last one of a window is still there when the window ends.
    """

    number: int
    moment: datetime
    chance: random.Random
    person: Person
    window_end: datetime
    is_last: bool = False
    generation: str = "2026"

    @property
    def failure(self) -> Failure | None:
        """Why nothing came of it; None if it was made."""
        return FAILURES[self.number // 9 % len(FAILURES)] if self.number % 9 == 4 else None  # noqa: PLR2004

    @property
    def established(self) -> datetime:
        """When it stood."""
        return self.moment + timedelta(milliseconds=1_200 + self.number * 377 % 2_600)

    @property
    def ended(self) -> datetime:
        """When it was over: some minutes to some hours later, and the last one's after the window."""
        length = timedelta(minutes=7 + self.number * 53 % 235, milliseconds=self.number * 7919 % 60_000)
        return max(self.established, self.window_end) + length if self.is_last else self.established + length


def working_moments(chance: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """Answer so many moments of the window in order, most of them in the hours in which people work."""
    found = [max(_drawn(chance, start, end) for _ in range(3))[1] for _ in range(count)]
    return sorted(found)


def _drawn(chance: random.Random, start: datetime, end: datetime) -> tuple[int, datetime]:
    milliseconds = (end - start) // timedelta(milliseconds=1)
    moment = start + timedelta(milliseconds=chance.randint(0, milliseconds))
    return _BUSY[moment.hour], moment


_BUSY = (0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 8, 7, 4, 7, 8, 8, 7, 5, 3, 2, 2, 1, 1, 1)
"""How busy each hour of the day is."""
