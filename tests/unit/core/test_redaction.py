"""What others said is shown on one short line, without what must not be repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_exports.core.redaction import quoted, sanitize


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        ("", None),
        (" \n\t", None),
        (7, "7"),
        ("two\nlines\x00and\ud800more", "two lines and more"),
        ("see https://example.com/help for help", "see https://example.com/help for help"),
        (
            "Found: https://obs.example.com/f?AccessKeyId=canary&Signature=canary (there)",
            "Found: https://obs.example.com/f?... (there)",
        ),
        ("HTTPS://OBS.EXAMPLE.COM/f#canary", "HTTPS://OBS.EXAMPLE.COM/f?..."),
        ("obs.example.com/f?Signature=canary&AccessKeyId=canary now", "obs.example.com/f?... now"),
        ("Get secretKey failed,ak:canary,err:ak not exist", "Get secretKey failed,ak:***,err:ak not exist"),
        ("SDK-HMAC-SHA256 Access=canary, Signature=canary", "SDK-HMAC-SHA256 Access=***, Signature=***"),
        ('{"x-auth-token": "canary"}', '{"x-auth-token": "***"}'),
        ('{"password": "a canary,b;c", "error": "x"}', '{"password": "***", "error": "x"}'),
        ('{"password": "a\\"canary"}', '{"password": "***"}'),
        ("{'password': 'a canary'}", "{'password': '***'}"),
        (r'"{\"password\":\"canary\"}"', r'"{\"password\":\"***"'),
        ("user_password=canary", "user_password=***"),
        ("task: 7, risk=low", "task: 7, risk=low"),
        ("AK access failed to reach the limit", "AK access failed to reach the limit"),
        ("decrypt token fail", "decrypt token fail"),
        ('<a href="s3://b/k?X-Amz-Signature=canary">', '<a href="s3://b/k?...">'),
    ],
)
def test_a_line_is_printable_and_holds_no_signed_url(text: object, shown: str | None) -> None:
    assert sanitize(text) == shown


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "a://" * 300_000, "https://h/?" + "x" * 1_000_000], ids=["word", "schemes", "query"]
)
def test_a_line_is_short_and_cheap_whatever_it_is_made_of(text: str) -> None:
    assert len(sanitize(text) or "") <= 303


@given(st.text())
def test_a_line_is_one_line(text: str) -> None:
    shown = sanitize(text) or ""
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    "value", ["x" * 10_000, 10**5000, ["x"] * 10_000, {"a": "b" * 1000}], ids=["text", "number", "list", "object"]
)
def test_a_value_is_quoted_within_a_line(value: object) -> None:
    assert len(quoted(value)) < 200
