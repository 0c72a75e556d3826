"""What the invented sheets hold.

The vendor documents no column of any export. Those of connection records follow the columns of its console guide, in
two generations: 2024, and 2025 to 2026. The English words for end, egress address and enterprise project of the newer
one are translated, since the English guide lacks them. All others follow the nearest list operation. Nothing may depend
on them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from local.standin.company import APPLICATIONS, ENTERPRISE_PROJECTS, Row

Cell = str | int
Generation = Literal["2024", "2026"]
"""Which of the console guide's states the headings follow."""

NOTHING = "--"
"""What stands where there is no value."""

Make = Callable[[Row], Cell]
Heading = tuple[str, str]


@dataclass(frozen=True)
class Column:
    """A column: its heading in English and Chinese, now and in 2024, and what makes its cells.

    ``then`` is None where the column came later, and ``make_then`` where a heading's unit changed with it; ``now`` is
    None where the column is gone.
    """

    now: Heading | None
    make: Make
    then: Heading | None
    make_then: Make | None = None

    def heading(self, generation: Generation, *, chinese: bool) -> str | None:
        """Answer the heading; None where that generation lacks the column."""
        found = self.now if generation == "2026" else self.then
        return found[1 if chinese else 0] if found else None

    def cell(self, row: Row) -> Cell:
        """Answer the cell of a row."""
        return (self.make_then or self.make)(row) if row.generation == "2024" else self.make(row)


def _always(english: str, chinese: str, make: Make) -> Column:
    return Column((english, chinese), make, (english, chinese))


def _stamp(moment: datetime) -> str:
    """Records carry milliseconds."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def _unless_failed(make: Make) -> Make:
    return lambda row: NOTHING if row.failure else make(row)


def _number(low: int, high: int) -> Make:
    return lambda row: row.chance.randint(low, high)


def _numbered(prefix: str) -> Make:
    return lambda row: f"{prefix}{row.number + 1:04d}"


def _one_of(*words: str) -> Make:
    return lambda row: words[row.number % len(words)]


def _hex_id(row: Row) -> Cell:
    return f"{row.chance.getrandbits(128):032x}"


def _user(row: Row) -> Cell:
    return row.person.user


def _desktop(row: Row) -> Cell:
    return row.person.desktop


def _started(row: Row) -> Cell:
    return _stamp(row.moment)


def _aggregated(row: Row) -> Cell:
    return f"{row.moment:%Y-%m-%d} 23:59:59"


_established = _unless_failed(lambda row: _stamp(row.established))
_ended = _unless_failed(lambda row: _stamp(row.ended))
_latency = _unless_failed(lambda row: (4 if not row.person.works_at_home else 18) + row.number * 31 % 57)


def _code(row: Row) -> Cell:
    return row.failure.code if row.failure else NOTHING


def _words(row: Row) -> Cell:
    return row.failure.words if row.failure else NOTHING


def _state(row: Row) -> Cell:
    if row.failure:
        return "InitFail"
    return "Active" if row.is_last else ("SignedOut", "SignedOut", "Disconnected")[row.number % 3]


_USED, _IDLE = ("Usage Duration", "累计使用时长"), ("Idle Duration", "连续闲置时长")
_USER = _always("Username", "用户名", _user)
_DESKTOP = _always("Desktop Name", "桌面名称", _desktop)
_CREATED = _always("Created", "创建时间", _started)
_EGRESS = _always("Client Egress IP", "客户端出口IP", lambda row: row.person.egress_ip)
_CLIENT = (
    _always("Client Name", "客户端名称", lambda row: row.person.terminal),
    _always("Client MAC Address", "客户端MAC地址", lambda row: row.person.mac),
    _always("Client IP Address", "客户端IP", lambda row: row.person.terminal_ip),
    _EGRESS,
    _always("Client OS Type", "客户端系统类型", lambda row: "Mac" if "macOS" in row.person.system else "Windows"),
    _always("Client Version", "客户端版本", lambda row: row.person.client),
)
_SERVER = (
    _always("Server Name", "服务器名称", lambda row: row.person.server),
    _always("Server IP Address", "服务器IP", lambda row: row.person.server_ip),
    _always("Agent Version", "HDA版本", lambda row: row.person.agent),
)
_FAILED = (_always("Failure Code", "失败状态码", _code), _always("Failure Cause", "连接失败原因", _words))

COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "connection-records": (
            _DESKTOP,
            Column(("Connected User", "连接用户"), _user, ("Login User", "登录用户")),
            Column(("Terminal IP Address", "终端IP"), lambda row: row.person.terminal_ip, ("Terminal IP", "终端IP")),
            _always("Terminal OS Type", "终端系统类型", lambda row: row.person.system),
            Column(("Desktop IP Address", "桌面IP"), lambda row: row.person.desktop_ip, ("Desktop IP", "桌面IP")),
            Column(("Client Egress IP Address", "客户端出口IP"), lambda row: row.person.egress_ip, None),
            Column(("Connection Started", "开始连接时间"), _started, ("Started", "开始连接时间")),
            Column(("Connection Ended", "结束连接时间"), _ended, ("Ended", "结束连接时间")),
            Column(("Average Latency", "平均时延(ms)"), _latency, None),
            Column(("Connection Details", "连接详细描述"), _words, ("Failure Cause", "连接失败原因")),
            Column(("Terminal MAC Address", "终端MAC地址"), lambda row: row.person.mac, None),
            Column(("Terminal Name", "终端名称"), lambda row: row.person.terminal, None),
            Column(("AccessClient Version", "AccessClient版本"), lambda row: row.person.client, None),
            Column(("AccessAgent Version", "AccessAgent版本"), lambda row: row.person.agent, None),
            Column(("Connection Established", "建立连接时间"), _established, None),
            Column(("Reconnection", "是否重连"), _unless_failed(_one_of("No", "No", "Yes", "No")), None),
            Column(("Enterprise Project", "企业项目"), _one_of(*ENTERPRISE_PROJECTS), None),
        ),
        "app-user-access": (
            _USER,
            _always("Access Failures", "访问失败次数", lambda row: 1 + row.number // 9 % 3 if row.failure else 0),
            _always("Last Access Failed", "最近访问失败时间", lambda row: _started(row) if row.failure else NOTHING),
            _always("Error Code", "错误码", _code),
            _always("Error Message", "错误信息", _words),
        ),
        "app-user-logins": (
            _USER,
            _always("Connection Type", "连接类型", _one_of("2", "1", "2")),
            *_SERVER,
            *_CLIENT,
            _always("Login Started", "登录开始时间", _started),
            _always("Login Ended", "登录结束时间", _ended),
            *_FAILED,
        ),
        "app-usage": (
            _USER,
            _always("Application Group", "应用组名称", lambda row: APPLICATIONS[row.number % len(APPLICATIONS)][0]),
            _always("Application", "应用名称", lambda row: APPLICATIONS[row.number % len(APPLICATIONS)][1]),
            *_SERVER,
            *_CLIENT,
            _always("Started", "登录应用时间", _started),
            _always("Ended", "结束时间", _ended),
            *_FAILED,
        ),
        "app-sessions": (
            _USER,
            _always("Session State", "会话状态", _state),
            _always("Session Type", "会话类型", _one_of("2", "1", "2")),
            *_SERVER,
            *_CLIENT,
            _always("Session Started", "会话开始时间", _started),
            _always("Session Ended", "会话结束时间", lambda row: NOTHING if row.is_last else _ended(row)),
            *_FAILED,
        ),
        "desktop-usage": (
            _always("Resource ID", "资源ID", _hex_id),
            _DESKTOP,
            _always("Last User", "最近连接用户", _user),
            Column(
                ("Usage Duration", "累计使用时长"),
                _number(0, 28_800),
                ("Usage Duration (h)", "累计使用时长(h)"),
                _number(0, 8),
            ),
            Column(("Idle Duration", "连续闲置时长"), _number(0, 57_600), ("Idle Days", "连续闲置天数"), _number(0, 9)),
            _always("Aggregated", "统计时间", _aggregated),
        ),
        "user-usage": (
            _USER,
            _always("Usage Duration", "使用时长", _number(0, 28_800)),
            _always("Logins", "登录次数", lambda row: 1 + row.number % 5),
            _always("Successful Logins", "登录成功次数", lambda row: 1 + row.number % 5 - bool(row.failure)),
            _always("Failed Logins", "登录失败次数", lambda row: int(bool(row.failure))),
            _always("Aggregated", "统计时间", _aggregated),
        ),
        "desktops": (
            _DESKTOP,
            _always("Desktop IP Address", "桌面IP", lambda row: row.person.desktop_ip),
            _USER,
            _always("Status", "状态", _one_of("ACTIVE", "ACTIVE", "SHUTOFF", "HIBERNATED")),
            _always("Enterprise Project", "企业项目", _one_of(*ENTERPRISE_PROJECTS)),
            _CREATED,
        ),
        "desktop-versions": (
            _DESKTOP,
            _USER,
            _always("AccessAgent Version", "AccessAgent版本", lambda row: row.person.agent),
            _CREATED,
        ),
        "user-groups": (
            _always("Group Name", "用户组名称", lambda row: f"{row.person.department} {row.number + 1}"),
            _always("Members", "成员数", lambda row: 4 + row.number * 7 % 60),
            _always("Owner", "所有者", _user),
            _CREATED,
        ),
        "user-group-members": (_USER, _always("Description", "描述", lambda row: row.person.department), _CREATED),
        "users": (
            _USER,
            _always("Email", "邮箱", lambda row: f"{row.person.user}@corp.example"),
            _always("Activation", "激活方式", _one_of("USER_ACTIVATE", "USER_ACTIVATE", "ADMIN_ACTIVATE")),
            _CREATED,
        ),
        "hosts": (
            _always("Host Name", "主机名称", _numbered("wdh-")),
            _always("vCPUs", "虚拟CPU数", _one_of("32", "64", "96")),
            _always("Owner", "所有者", _user),
            _CREATED,
        ),
        "upgrade-strategies": (
            _always("Strategy Name", "策略名称", lambda row: f"{row.person.department} clients, wave {row.number + 1}"),
            _always("Created By", "创建人", _user),
            _CREATED,
        ),
        "terminal-bindings": (
            _DESKTOP,
            _always("Terminal MAC Address", "终端MAC地址", lambda row: row.person.mac),
            _USER,
            _CREATED,
        ),
    }
)
"""Every column, by kind."""
