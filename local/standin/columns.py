"""What the invented sheets hold.

The vendor documents no column of any export. These follow its nearest list operations, so that a demo looks right;
nothing may depend on them. Every row names an invented person, so that a row in a log is found at once.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

CANARY_USER = "canary.zoe.quill"
CANARY_IP = "198.51.100.77"
CANARY_MAC = "02:CA:4A:12:9E:77"
CANARIES = (CANARY_USER, CANARY_IP, CANARY_MAC)
"""Personal data by intent: if one of these is ever in a log, an error text or a workflow's state, it leaked."""

Cell = str | int


@dataclass(frozen=True, kw_only=True)
class Row:
    """The circumstances from which one row is made."""

    number: int
    moment: datetime
    chance: random.Random


def _time(delay_seconds: int) -> Callable[[Row], Cell]:
    return lambda row: (row.moment + timedelta(seconds=delay_seconds)).strftime("%Y-%m-%d %H:%M:%S")


def _number(low: int, high: int) -> Callable[[Row], Cell]:
    return lambda row: row.chance.randint(low, high)


def _one_of(*words: str) -> Callable[[Row], Cell]:
    return lambda row: row.chance.choice(words)


def _numbered(prefix: str) -> Callable[[Row], Cell]:
    return lambda row: f"{prefix}{row.number:04d}"


def _hex_id(row: Row) -> Cell:
    return f"{row.chance.getrandbits(128):032x}"


def _user(row: Row) -> Cell:
    return f"{CANARY_USER}.{row.number:04d}"


def _ip(_: Row) -> Cell:
    return CANARY_IP


def _mac(_: Row) -> Cell:
    return CANARY_MAC


_DESKTOP = ("Desktop Name", _numbered("desk-"))
_USER = ("Username", _user)
_CREATED = ("Created", _time(0))

COLUMNS: Mapping[str, tuple[tuple[str, Callable[[Row], Cell]], ...]] = MappingProxyType(
    {
        "connection-records": (
            _DESKTOP,
            ("Connected User", _user),
            ("Terminal IP Address", _ip),
            ("Terminal OS Type", _one_of("Windows 10", "Windows 11", "macOS 15")),
            ("Desktop IP Address", _ip),
            ("Connection Started", _time(0)),
            ("Average Latency", _number(4, 260)),
            ("Terminal MAC Address", _mac),
            ("Terminal Name", _numbered("terminal-")),
            ("AccessClient Version", _one_of("5.0.1.2", "5.1.0.8")),
            ("AccessAgent Version", _one_of("23.4.1", "24.2.0")),
            ("Connection Established", _time(3)),
            ("Reconnection", _one_of("Yes", "No")),
        ),
        "app-user-access": (
            _USER,
            ("Access Failures", _number(0, 9)),
            ("Last Access Failed", _time(0)),
            ("Error Code", _one_of("WKS.0000", "WKS.0001")),
            ("Error Message", _one_of("none", "the application did not start")),
        ),
        "app-user-logins": (_USER, ("Client IP Address", _ip), ("Login Started", _time(0)), ("Login Ended", _time(90))),
        "app-usage": (_USER, ("Application", _numbered("app-")), ("Started", _time(0))),
        "app-sessions": (_USER, ("State", _one_of("Active", "SignedOut")), ("Started", _time(0))),
        "desktop-usage": (
            ("Resource ID", _hex_id),
            _DESKTOP,
            ("Last User", _user),
            ("Usage (s)", _number(0, 28_800)),
            ("Idle (s)", _number(0, 57_600)),
            ("Aggregated", _time(0)),
        ),
        "user-usage": (
            _USER,
            ("Usage (s)", _number(0, 28_800)),
            ("Logins", _number(0, 12)),
            ("Successful Logins", _number(0, 12)),
            ("Failed Logins", _number(0, 3)),
            ("Aggregated", _time(0)),
        ),
        "desktops": (_DESKTOP, ("Desktop IP Address", _ip), _USER, ("Status", _one_of("ACTIVE", "SHUTOFF")), _CREATED),
        "desktop-versions": (_DESKTOP, _USER, ("AccessAgent Version", _one_of("23.4.1", "24.2.0")), _CREATED),
        "user-groups": (("Group Name", _numbered("group-")), ("Members", _number(1, 90)), ("Owner", _user), _CREATED),
        "user-group-members": (_USER, ("Description", _one_of("staff", "guest")), _CREATED),
        "users": (_USER, ("Activation", _one_of("USER_ACTIVATE", "ADMIN_ACTIVATE")), _CREATED),
        "hosts": (("Host Name", _numbered("host-")), ("vCPUs", _number(8, 96)), ("Owner", _user), _CREATED),
        "upgrade-strategies": (("Strategy Name", _numbered("strategy-")), ("Created By", _user), _CREATED),
        "terminal-bindings": (_DESKTOP, ("Terminal MAC Address", _mac), _USER, _CREATED),
    }
)
"""Heading and maker of every column, by kind."""

CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "AccessAgent Version": "AccessAgent版本",
        "AccessClient Version": "AccessClient版本",
        "Activation": "激活方式",
        "Average Latency": "平均时延",
        "Connected User": "连接用户",
        "Connection Established": "连接建立时间",
        "Connection Started": "连接开始时间",
        "Created": "创建时间",
        "Created By": "创建人",
        "Description": "描述",
        "Desktop IP Address": "桌面IP地址",
        "Desktop Name": "桌面名称",
        "Group Name": "用户组名称",
        "Host Name": "主机名称",
        "Members": "成员数",
        "Owner": "所有者",
        "Reconnection": "是否重连",
        "Status": "状态",
        "Strategy Name": "策略名称",
        "Terminal IP Address": "终端IP地址",
        "Terminal MAC Address": "终端MAC地址",
        "Terminal Name": "终端名称",
        "Terminal OS Type": "终端操作系统类型",
        "Username": "用户名",
        "vCPUs": "虚拟CPU数",
    }
)
"""Headings for the operations that take a language."""
