"""Values of Content-Encoding that name no content coding (code4craft/webmagic#796, curl/curl#2298): F3."""

import json

import pytest

from tests.field.finished import finished, ordered
from tests.support.builders.examples import workbook
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, message
from workspace_exports.core.errors import BadFile, Rejected, VendorUnavailable
from workspace_exports.core.redaction import quoted
from workspace_exports.network.content_coding import content_coding
from workspace_exports.storage.store import Store

BOOK = workbook()
LISTED = json.dumps({"export_tasks": [{"task_id": "t", "status": "SUCCESS", "file_name": "records.xlsx"}]}).encode()
FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

PLAIN = [
    pytest.param(["UTF-8"], id="code4craft/webmagic#796"),
    pytest.param(["utf-8"], id="nocodb/nocodb#14038, a csv"),
    pytest.param(["UTF8"], id="charset-without-dash"),
    pytest.param(["ISO-8859-1"], id="Kong/unirest-java#56"),
    pytest.param(["none"], id="curl/curl#3315, WeTransfer"),
    pytest.param(["identity"], id="danieleteti/delphimvcframework#438"),
    pytest.param(["Identity"], id="identity-in-another-case"),
    pytest.param(["IDENTITY, identity"], id="identity-twice"),
    pytest.param(["identity", "identity"], id="identity-in-two-lines"),
    pytest.param(["identity;q=1.0"], id="identity-with-a-parameter"),
    pytest.param(['"identity"'], id="identity-in-quotes"),
    pytest.param([""], id="aws/aws-sdk#498, empty"),
    pytest.param([" , ,"], id="commas-alone"),
    pytest.param(["zip"], id="jeroen/curl#160, S3"),
    pytest.param(["aws-chunked"], id="versity/versitygw#2398"),
    pytest.param(["binary"], id="a-transfer-encoding-of-mail"),
    pytest.param(["base64"], id="another-one"),
    pytest.param(["text/csv"], id="a-media-type"),
    pytest.param(["gzipped"], id="longer-than-gzip"),
]
PACKED = [
    pytest.param(["gzip"], id="gzip"),
    pytest.param(["GZIP"], id="in-capitals"),
    pytest.param([" gzip "], id="in-blanks"),
    pytest.param(['"gzip"'], id="in-quotes"),
    pytest.param(["gzip;q=1.0"], id="with-a-parameter"),
    pytest.param(["gzip, identity"], id="before-identity"),
    pytest.param(["identity,gzip"], id="behind-identity"),
    pytest.param(["aws-chunked", "gzip"], id="in-the-second-line"),
    pytest.param(["", "br"], id="aws/aws-sdk#498, CloudFront"),
    pytest.param(["x-gzip"], id="x-gzip"),
    pytest.param(["deflate"], id="deflate"),
    pytest.param(["br"], id="br"),
    pytest.param(["zstd"], id="zstd"),
    pytest.param(["compress"], id="compress"),
    pytest.param(["X-Compress"], id="x-compress"),
    pytest.param(["x-deflate"], id="an-x-name"),
    pytest.param(["dcb"], id="RFC-9842, dcb"),
    pytest.param(["dcz"], id="RFC-9842, dcz"),
    pytest.param(["aes128gcm"], id="RFC-8188"),
    pytest.param(["exi"], id="exi"),
    pytest.param(["pack200-gzip"], id="pack200-gzip"),
    pytest.param(["bzip2"], id="in-use-and-not-registered"),
]


def encoded(body: bytes, values: list[str]) -> bytes:
    return message(body, *(f"Content-Encoding: {value}" for value in values))


@FOLDER
@pytest.mark.parametrize("values", PLAIN)
def test_a_file_under_a_value_that_is_no_coding_lands_as_it_is(
    values: list[str], environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(lambda _: encoded(BOOK, values)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        archived = fetch(**finished())["archived"]
    assert b"".join(store.chunks(archived["key"])) == BOOK


@FOLDER
@pytest.mark.parametrize("values", PACKED)
def test_a_file_in_a_coding_is_refused_and_told_what_came(
    values: list[str], environment: pytest.MonkeyPatch, fetch: Call, store: Store
) -> None:
    with Wire(lambda _: encoded(BOOK, values)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(BadFile, match="The file came encoded as") as caught:
            fetch(**finished())
    assert quoted(", ".join(value.strip() for value in values)) in caught.value.what
    assert landed(store) == []


@FOLDER
@pytest.mark.parametrize("values", PLAIN)
def test_an_answer_under_a_value_that_is_no_coding_is_read(
    values: list[str], environment: pytest.MonkeyPatch, poll: Call
) -> None:
    with Wire(lambda _: encoded(LISTED, values)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        assert poll(**ordered())["status"] == "SUCCESS"


@FOLDER
@pytest.mark.parametrize("values", PACKED)
def test_an_answer_in_a_coding_is_told_to_have_come_encoded(
    values: list[str], environment: pytest.MonkeyPatch, poll: Call
) -> None:
    with Wire(lambda _: encoded(LISTED, values)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(VendorUnavailable, match=r"the answer came encoded as .*, which was not") as caught:
            poll(**ordered())
    assert "malformed" not in caught.value.what
    assert "a proxy that changes answers" in caught.value.next_step


@FOLDER
@pytest.mark.parametrize("values", PLAIN)
def test_an_error_under_a_value_that_is_no_coding_keeps_its_words(
    values: list[str], environment: pytest.MonkeyPatch, poll: Call
) -> None:
    answer = encoded(b'{"error_code": "WKS.1", "error_msg": "no"}', values).replace(b"200 OK", b"400 Bad Request", 1)
    with Wire(lambda _: answer) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        with pytest.raises(Rejected, match=r"WKS\.1: no"):
            poll(**ordered())


def test_what_came_is_shown_in_one_short_printable_line() -> None:
    shown = content_coding({"content-encoding": "gzip, " + "\x1b[2J" + "x" * 5000})
    assert shown
    assert shown.isprintable()
    assert len(shown) < 120


def test_an_answer_without_the_header_has_no_coding() -> None:
    assert content_coding({}) is None
