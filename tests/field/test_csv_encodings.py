"""Texts in encodings that are not tried (polygonplanet/encoding.js#12), and texts that are no table: F15."""

import codecs
import json

import pytest

from tests.field.finished import finished
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, chunked, message
from workspace_exports.archive.file_checks import Inspection
from workspace_exports.core.errors import BadFile
from workspace_exports.storage.store import Store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
ROW = "Prénom;Nom\r\ninvite;Andr"
ERROR = {"error_code": "WKS.1", "error_msg": "no"}

WHOLE = [
    pytest.param(f"{ROW}é".encode("cp1252"), "unknown", id="polygonplanet/encoding.js#12, windows-1252 to its end"),
    pytest.param("user,town\r\nanna,Orlé".encode("latin-1"), "unknown", id="latin-1-ends-in-an-accent"),
    pytest.param("user\r\né".encode("latin-1"), "unknown", id="latin-1-with-one-accent"),
    pytest.param("user,town\r\nanna,Orlé".encode("cp850"), "unknown", id="cp850-ends-in-an-accent"),
    pytest.param("user,price\r\nanna,1€".encode("cp1252"), "unknown", id="windows-1252-ends-in-a-euro"),
    pytest.param("名前,場所\r\n山田,東京\r\nｱ".encode("shift-jis"), "unknown", id="chakki-works#6, shift-jis"),
    pytest.param("姓名,地址\r\n王,臺".encode("big5"), "csv", id="adobe/user-sync#213, big5 that passes for GB18030"),
    pytest.param(
        "用户,地址\r\n张三,北京".encode("utf-16-le"), "csv", id="utf-16-le-without-a-mark-that-passes-for-GB18030"
    ),
    pytest.param("用户,地址\r\n张三,北京".encode("utf-16-be"), "unknown", id="utf-16-be-without-a-mark"),
    pytest.param("用户,地址".encode("utf-16") + b"\x00", "unknown", id="utf-16-of-an-odd-length"),
    pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8", "unknown", id="utf-16-ends-in-half-a-surrogate-pair"),
    pytest.param(b"user\r\n\xed\xa0\x80", "unknown", id="a-lone-surrogate-in-utf-8"),
    pytest.param("用户".encode() + b"\xe4", "unknown", id="utf-8-and-one-byte-more"),
    pytest.param(codecs.BOM_UTF16_BE + "等待,第一\r\n".encode("utf-16-be"), "csv", id="utf-16-be-7b49-is-no-brace"),
    pytest.param(codecs.BOM_UTF16_LE + "笠原,㰀\r\n".encode("utf-16-le"), "csv", id="utf-16-le-7b20-is-no-brace"),
    pytest.param(b"\r\n\r\n\r\n", "csv", id="empty-lines"),
    pytest.param(b"user,ip\r\n\x00\x00\x00", "csv", id="NULs-at-the-end"),
    pytest.param(b"user;\xff\xfe", "unknown", id="a-mark-in-the-middle"),
    pytest.param(b"[user],[ip]\r\nanna,::1\r\n", "csv", id="headings-in-brackets"),
    pytest.param(b"[x]\r\nuser,ip\r\n", "csv", id="a-section"),
    pytest.param(b"[{a}],b\r\n1,2\r\n", "csv", id="braces-in-brackets"),
    pytest.param(b"[1],[2]\r\n", "csv", id="numbers-in-brackets"),
    pytest.param(b"Error code,Count\r\n", "csv", id="headings-that-name-errors"),
    pytest.param(b"user\r\nerror at login\r\n", "csv", id="a-row-that-names-an-error"),
    pytest.param(b"Failure;Reason", "csv", id="headings-behind-semicolons"),
    pytest.param(b"Error", "csv", id="one-heading"),
    pytest.param(b"Conflict\r\n1\r\n", "csv", id="one-heading-like-a-status"),
    pytest.param(b"an error " * 200, "csv", id="a-line-longer-than-an-error"),
    pytest.param(b"Not Found,Found\r\n1,2", "csv", id="a-heading-like-a-status"),
]

NO_TABLE = [
    pytest.param(json.dumps([ERROR]), "JSON list", id="a-list-of-errors"),
    pytest.param(json.dumps([ERROR] * 500), "JSON list", id="a-long-one"),
    pytest.param(json.dumps([ERROR], indent=2), "JSON list", id="an-indented-one"),
    pytest.param("\ufeff \r\n" + json.dumps([ERROR]), "JSON list", id="behind-a-mark-and-blanks"),
    pytest.param("[{}]", "JSON list", id="of-nothing"),
    pytest.param("[]", "JSON list", id="an-empty-list"),
    pytest.param('["Internal error"]', "JSON list", id="of-words"),
    pytest.param('[\n["a"]]', "JSON list", id="of-lists"),
    pytest.param('[{"error\\"s": [', "JSON list", id="cut"),
    pytest.param(json.dumps(ERROR), "JSON came", id="an-error"),
    pytest.param(")]}',\n" + json.dumps(ERROR), "JSON came", id="behind-a-guard"),
    pytest.param("Internal Server Error", "text of an error", id="PaytmLabs/nerve#19, the first line"),
    pytest.param(
        "Internal Server Error\nThe server encountered an internal error, and was unable to complete your request.",
        "text of an error",
        id="PaytmLabs/nerve#19",
    ),
    pytest.param(
        "Database connection error. Usually due to high server load. Please wait N seconds and try again.",
        "text of an error",
        id="openml/OpenML#1127",
    ),
    pytest.param("404 page not found\n", "text of an error", id="Go"),
    pytest.param("502 Bad Gateway\r\n", "text of an error", id="a-status"),
    pytest.param("no healthy upstream", "text of an error", id="Envoy"),
    pytest.param(
        "upstream connect error or disconnect/reset before headers. reset reason: timeout, transport: 111",
        "text of an error",
        id="Envoy-with-a-comma",
    ),
    pytest.param("default backend - 404", "text of an error", id="ingress-nginx"),
    pytest.param("error code: 1020", "text of an error", id="Cloudflare"),
    pytest.param("Forbidden", "text of an error", id="one-word"),
    pytest.param("The link has expired", "text of an error", id="expired"),
    pytest.param("HTTP/1.1 503 Service Unavailable\r\n\r\n", "text of an error", id="a-head-in-the-body"),
    pytest.param("Traceback (most recent call last):\n  File", "text of an error", id="Python"),
    pytest.param(" \r\n\t<html>", "web page", id="a-page-behind-blanks"),
    pytest.param("\ufeff<!DOCTYPE html>", "web page", id="a-page-behind-a-mark"),
    pytest.param("<!-- served by a proxy -->\n<html>", "web page", id="magnusbilling#214, a-page-behind-a-comment"),
    pytest.param("<?xml version='1.0'?><Error/>", "web page or XML", id="XML"),
]
FORMS = [
    ("utf-8", b""),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""),
    ("utf-16-be", b""),
]


def inspect(content: bytes, announced: int | None, extension: str = ".csv") -> Inspection:
    inspection = Inspection(announced, extension)
    assert b"".join(inspection.watch(content[at : at + 1] for at in range(len(content)))) == content
    return inspection


@FOLDER
@pytest.mark.parametrize(("content", "format_"), WHOLE)
def test_a_csv_as_long_as_announced_lands_whatever_its_encoding(
    content: bytes, format_: str, environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(lambda _: message(content)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        archived = fetch(**finished("records.csv"))["archived"]
    assert b"".join(store.chunks(archived["key"])) == content
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["format"] == format_
    assert inspect(content, len(content)).format == format_


@FOLDER
def test_one_that_ends_in_half_a_character_lands_where_a_last_chunk_marks_its_end(
    environment: pytest.MonkeyPatch, fetch: Call
) -> None:
    content = f"{ROW}é".encode("cp1252")
    with Wire(lambda _: message(chunked(content), "Transfer-Encoding: chunked", length=False)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        assert fetch(**finished("records.csv"))["archived"]["size_bytes"] == len(content)


@FOLDER
def test_one_that_ends_in_half_a_character_where_nothing_marks_its_end_was_cut(
    environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    content = f"{ROW}é".encode("cp1252")
    with Wire(lambda _: message(content, length=False)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(BadFile, match="in the middle of a character: it was cut short"):
            fetch(**finished("records.csv"))
    assert landed(store) == []


@FOLDER
@pytest.mark.parametrize(("text", "says"), NO_TABLE)
def test_what_comes_in_the_place_of_a_file_is_refused(
    text: str, says: str, environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(lambda _: message(text.encode())) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(BadFile, match=says):
            fetch(**finished("records.csv"))
    assert landed(store) == []


@pytest.mark.parametrize("extension", [".csv", ".xlsx", ".zip", ".bin"])
@pytest.mark.parametrize(("encoding", "mark"), FORMS)
@pytest.mark.parametrize(("text", "says"), NO_TABLE)
def test_it_is_refused_in_any_unicode_and_under_any_name(
    text: str, says: str, encoding: str, mark: bytes, extension: str
) -> None:
    content = mark + text.encode(encoding)
    inspection = Inspection(len(content), extension, "plain text")
    with pytest.raises(BadFile, match=says) as caught:
        list(inspection.watch([content]))
    assert (caught.value.is_whole, caught.value.says) == (True, None)
