"""`make check-vendor`: the declarations against the vendor's SDK, and against its own files with one edit."""

# ruff: noqa: RUF001 - the vendor's descriptions are Chinese

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.sdk.__main__ import main, read_all
from local.sdk.accepted import ACCEPTED, key_of
from local.sdk.differences import Difference, Finding, find_differences
from local.sdk.operations import Operation, Parameter, read_operations
from local.sdk.sources import PACKAGES, downloaded, installed
from workspace_exports.exports import EXPORTS, find_export

CLIENT = "v2/workspace_client.py"
ROOT = Path(__file__).parents[2]

Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def pinned() -> list[Operation]:
    return read_all(installed())


class TestThePinnedRelease:
    def test_matches_the_declarations_and_is_read_without_being_imported(self) -> None:
        code = "import sys; from local.sdk.__main__ import main; print(main(['--installed']), *sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
        told, modules = done.stdout.splitlines()
        assert told.startswith("No differences from ")
        assert modules.startswith("0 ")
        assert set(PACKAGES) & set(modules.split()) == set()

    def test_is_the_one_that_the_lock_names(self) -> None:
        lock = (ROOT / "requirements/peers.txt").read_text()
        locked = re.findall(r"^(huaweicloudsdkworkspace\w*)==(\S+)", lock, re.MULTILINE)
        assert sorted(installed()) == sorted(f"{name} {version}" for name, version in locked)

    def test_shows_each_accepted_difference(self, pinned: list[Operation]) -> None:
        shown = {key_of(one) for one in find_differences(EXPORTS.values(), pinned)}
        assert set(ACCEPTED) - shown == set()


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SDK's package with its exports only."""
    (source,) = (Path(str(path)) for name, path in installed().items() if name.startswith(f"{PACKAGES[0]} "))
    copy = tmp_path_factory.mktemp("sdk")
    shutil.copytree(source / "v2" / "model", copy / "v2" / "model")
    text = (source / CLIENT).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    calls = (
        "".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and re.fullmatch(r"_export_\w+_http_info", node.name)
    )
    (copy / CLIENT).write_text("class WorkspaceClient:\n" + "\n".join(calls), encoding="utf-8")
    return copy


@pytest.fixture
def differences(cut: Path) -> Iterator[Callable[[str, Edit], list[Difference]]]:
    """Edits one file and returns the differences that come with it."""
    kept: dict[Path, str] = {}
    exports = [export for export in EXPORTS.values() if export.path.startswith(("/v2", "/v3"))]

    def all_of_them() -> list[Difference]:
        return find_differences(exports, read_operations("sdk", cut))

    def edit_and_compare(name: str, edit: Edit) -> list[Difference]:
        before = all_of_them()
        file = cut / name
        kept[file] = file.read_text(encoding="utf-8")
        edited = edit(kept[file])
        assert edited != kept[file]
        file.write_text(edited, encoding="utf-8")
        return [one for one in all_of_them() if one not in before]

    yield edit_and_compare
    for file, text in kept.items():
        file.write_text(text, encoding="utf-8")


def put(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new)


def without(call: str) -> Edit:
    return lambda text: re.sub(rf"(?ms)^    def _{call}_http_info.*?(?=^    def |\Z)", "", text)


def changed(call: str, old: str, new: str) -> Edit:
    """The text with a change in one function only."""
    return lambda text: re.sub(
        rf"(?ms)^    def _{call}_http_info.*?(?=^    def |\Z)", lambda found: found[0].replace(old, new), text
    )


def doubled(call: str) -> Edit:
    """The text with one function twice, the second one with another name."""

    def add(text: str) -> str:
        found = re.search(rf"(?ms)^    def _{call}_http_info.*?(?=^    def |\Z)", text)
        assert found
        return text + "\n" + re.sub("/desktops/export", "/prints/export", found[0]).replace("ListNew", "Prints")

    return add


LIST, USERS = "v2/model/export_desktop_list_new_request.py", "v2/model/export_users_new_req.py"

EDITS = [
    pytest.param(CLIENT, doubled("export_desktop_list_new"), "ExportDesktopPrints", None, Finding.NOT_DECLARED),
    pytest.param(CLIENT, without("export_users_new"), "ExportUsersNew", None, Finding.NOT_IN_SDK),
    pytest.param(CLIENT, changed("export_hosts_detail", '"GET"', '"POST"'), "ExportHostsDetail", None, Finding.METHOD),
    pytest.param(CLIENT, changed("export_users_new", "/v3/", "/v4/"), "ExportUsersNew", None, Finding.PATH),
    pytest.param(
        CLIENT,
        changed("export_users_new", "application/json", "application/json;charset=UTF-8"),
        "ExportUsersNew",
        None,
        Finding.CONTENT_TYPE,
    ),
    pytest.param(
        LIST,
        lambda text: text.replace("'image_id': 'str'", "'image_id': 'str', 'colour': 'str'").replace(
            "'image_id': 'image_id'", "'image_id': 'image_id', 'colour': 'colour'"
        ),
        "ExportDesktopListNew",
        "colour",
        Finding.NOT_DECLARED,
    ),
    pytest.param(LIST, put("'image_id': 'str',", ""), "ExportDesktopListNew", "image_id", Finding.NOT_IN_SDK),
    pytest.param(
        LIST,
        put("'user_attached': 'bool'", "'user_attached': 'str'"),
        "ExportDesktopListNew",
        "user_attached",
        Finding.TYPE,
    ),
    pytest.param(
        LIST,
        put("'user_names': 'list[str]'", "'user_names': 'str'"),
        "ExportDesktopListNew",
        "user_names",
        Finding.TYPE,
    ),
    pytest.param(LIST, put("'tag': 'str'", "'tag': 'list[Tag]'"), "ExportDesktopListNew", "tag", Finding.TYPE),
    pytest.param(
        LIST,
        put("        if image_id is not None:\n            self.image_id", "        self.image_id"),
        "ExportDesktopListNew",
        "image_id",
        Finding.MANDATORY,
    ),
    pytest.param(
        LIST,
        put("        self.language = language", "        if language:\n            self.language = language"),
        "ExportDesktopListNew",
        "language",
        Finding.MANDATORY,
    ),
    pytest.param(
        LIST,
        put("- SHUTOFF：关机。", "- SHUTOFF：关机。 - FROZEN：冻结。"),
        "ExportDesktopListNew",
        "status",
        Finding.VALUE_REFUSED,
    ),
    pytest.param(LIST, put("- SHUTOFF：关机。", ""), "ExportDesktopListNew", "status", Finding.VALUE_UNKNOWN),
    pytest.param(
        LIST,
        put(":param image_id: 镜像ID。", ":param image_id: 镜像，1-公共 2-私有"),
        "ExportDesktopListNew",
        "image_id",
        Finding.VALUE_UNKNOWN,
    ),
    pytest.param(LIST, put("最多不超过100个", "最多不超过50个"), "ExportDesktopListNew", "user_names", Finding.LIMIT),
    pytest.param(LIST, put("最多不超过100个", "最多不超过200个"), "ExportDesktopListNew", "user_names", Finding.LIMIT),
    pytest.param(USERS, put("长度范围为1-20", "长度范围为1-32"), "ExportUsersNew", "user_name", Finding.LIMIT),
    pytest.param(USERS, put("长度范围为1-20", "长度范围为2-20"), "ExportUsersNew", "user_name", Finding.LIMIT),
    pytest.param(
        CLIENT,
        changed("export_user_group_users_new", "groups/{group_id}", "groups"),
        "ExportUserGroupUsersNew",
        "group_id",
        Finding.PLACE,
    ),
]


@pytest.mark.parametrize(("file", "edit", "operation", "parameter", "finding"), EDITS)
def test_an_edit_of_the_sdk_is_found(
    differences: Callable[[str, Edit], list[Difference]],
    file: str,
    edit: Edit,
    operation: str,
    parameter: str | None,
    finding: Finding,
) -> None:
    found = {(one.operation, one.parameter, one.finding) for one in differences(file, edit)}
    rest = {(operation, None, Finding.PATH)} if finding is Finding.PLACE else set()
    assert found - rest == {(operation, parameter, finding)}


@pytest.mark.parametrize(
    ("meaning", "values"),
    [
        (
            "排序字段。 * `access_failed_count` -  按照接入失败数排序 * `last_time` -  按照时间",
            ["access_failed_count", "last_time"],
        ),
        ("语言。  - zh_CN：中文 - en_US：英文", ["zh_CN", "en_US"]),
        ("语言 * zh_CN： 中文 * en_US： 英文", ["zh_CN", "en_US"]),
        ("排序字段名称。 - created 创建时间。 - computer_name 桌面名称。", ["created", "computer_name"]),
        ("计费模式，0：包周期，1：按需。", ["0", "1"]),
        ("状态，available-可用的，fault-错误的，released-释放的。", ["available", "fault", "released"]),
        ("策略类型：0-服务端 1-客户端", ["0", "1"]),
        ("客户端操作系统类型： - Windows - Mac", ["Windows", "Mac"]),
        ("类别,1代表共享桌面，2代表普通应用。", ["1", "2"]),
        ("默认不填则查询全部 * 'true' - 会话创建成功 * 'false' - 会话创建失败", ["true", "false"]),
        ("CREATING为进行中，SUCCESS为成功，FAIL为失败", ["CREATING", "SUCCESS", "FAIL"]),
        ('格式为：UTC时间，例如"1970-01-01T00:00:00Z"。', []),
        ("格式：CCYY-MM-DDThh:mm:ss±hh:mm 如果包含“hh:mm”值，则将时区作为UTC的偏移量返回。", []),
        ("使用时长(hour)最小值。", []),
        ("usage_min_hours和usage_max_hours同时存在时,usage_max_hours必须大于等于usage_min_hours", []),
        ("09:00~12:00,13:00~21:00,22:00~01:00(次日): 则当天的累计使用时长", []),
        ("桌面池ID,多个桌面池ID用逗号隔开。", []),
    ],
)
def test_values_are_read_from_the_vendors_descriptions(meaning: str, values: list[str]) -> None:
    assert Parameter("p", "str", mandatory=False, meaning=meaning).values == values


@pytest.mark.parametrize(
    ("meaning", "least", "most"),
    [
        ("返回用户事件数量限制，取值范围0-1000。如果不指定，默认为100。", 0, 1000),
        ("长度范围为1-20，不能包含特殊字符", 1, 20),
        ("每页返回的个数，取值范围0~50。", 0, 50),
        ("单次查询的大小[1-100]，默认值10。", 1, 100),
        ("批量筛选，最多不超过100个用户。", None, 100),
        ("最大长度为64。", None, 64),
        ("只支持导出30天内数据，格式 2022-10-31T08:07:39Z", None, None),
    ],
)
def test_limits_are_read_from_the_vendors_descriptions(meaning: str, least: int | None, most: int | None) -> None:
    parameter = Parameter("p", "str", mandatory=False, meaning=meaning)
    assert (parameter.least, parameter.most) == (least, most)


class TestTheCommand:
    def test_reads_wheels_ends_with_1_and_names_a_difference(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(ACCEPTED, ("ExportPolicyGroups", None, Finding.NOT_DECLARED))
        assert main([str(path) for path in _wheels(tmp_path)]) == 1
        found, told = capsys.readouterr().out.splitlines()
        assert found.startswith("- ExportPolicyGroups: is in the SDK, and no declaration has it: POST /v2/")
        assert told.startswith("1 difference from ")

    @pytest.mark.parametrize("given", [["README.md"], ["gone-1.0.whl"], ["huaweicloudsdkworkspace-9-py3-none-any.whl"]])
    def test_ends_with_2_without_both_packages(self, given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(given) == 2
        assert "give one wheel of huaweicloudsdkworkspace and one of" in capsys.readouterr().err

    def test_ends_with_2_for_a_wheel_that_is_none(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        paths = [tmp_path / f"{name}-9-py3-none-any.whl" for name in PACKAGES]
        for path in paths:
            path.write_bytes(b"no zip")
        assert main([str(path) for path in paths]) == 2
        assert "cannot be read" in capsys.readouterr().err


def _wheels(folder: Path) -> Iterator[Path]:
    """The installed packages as wheels."""
    for name, path in installed().items():
        wheel = folder / f"{name.replace(' ', '-')}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for file in Path(str(path)).rglob("*.py"):
                archive.write(file, Path(str(path)).name / file.relative_to(str(path)))
        yield wheel


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("version", "kinds"),
    [
        ("3.1.150", set(EXPORTS) - {"user-events"}),
        ("3.1.211", {"desktop-versions", "hosts", "upgrade-strategies", "user-groups"}),
    ],
)
def test_an_older_release_lacks_the_exports_that_came_since(version: str, kinds: set[str]) -> None:
    with downloaded(version) as packages:
        found = find_differences(EXPORTS.values(), read_all(packages))
    lacking = {one.operation for one in found if one.finding is Finding.NOT_IN_SDK and one.parameter is None}
    assert lacking == {find_export(kind).operation for kind in kinds}


@pytest.mark.nightly
def test_older_declarations_lack_the_exports_that_came_since() -> None:
    """A release is compared with the declarations of a time before it."""
    three = ("ExportAppConnection", "ExportSessions", "ExportUserConnection")
    with downloaded("3.1.211") as packages:
        older = [export for export in EXPORTS.values() if export.operation not in three]
        found = find_differences(older, read_all(packages))
    assert {one.operation for one in found if one.finding is Finding.NOT_DECLARED} >= set(three)
