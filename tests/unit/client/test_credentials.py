"""Credentials are read from three places, and a fault in one is told without a value."""

import json
from pathlib import Path

import pytest

from tests.support.builders.examples import Changing
from workspace_exports.client.credentials import AccessKey, Credentials, Login
from workspace_exports.client.credentials.cache import CredentialCache
from workspace_exports.client.credentials.profile import read_profile, with_profile
from workspace_exports.client.credentials.providers import EnvironmentProvider, NoCredentials, ProfileProvider
from workspace_exports.client.credentials.secret import parse_secret
from workspace_exports.core.errors import Misconfigured, Unauthorized, VendorUnavailable

CANARY = "canary-secret-value"
KEY = {"access_key": "an-access-key", "secret_key": CANARY}
LOGIN = {"user_name": "a user", "password": CANARY, "domain_name": "a domain"}


class TestTheSecret:
    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (KEY, Credentials(AccessKey("an-access-key", CANARY))),
            (
                KEY | {"security_token": "t", "project_id": "p"},
                Credentials(AccessKey("an-access-key", CANARY, "t"), "p"),
            ),
            (LOGIN, Credentials(Login("a user", CANARY, "a domain"))),
            (LOGIN | {"project_id": "p"}, Credentials(Login("a user", CANARY, "a domain"), "p")),
        ],
        ids=["key", "temporary key", "login", "login with project"],
    )
    def test_holds_a_key_or_a_login(self, document: dict[str, str], expected: Credentials) -> None:
        assert parse_secret(json.dumps(document)) == expected

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (CANARY, "is not JSON"),
            (json.dumps([CANARY]), "is not a JSON object"),
            ("{}", "lacks access_key"),
            (json.dumps({"access_key": CANARY}), "lacks secret_key"),
            (json.dumps({"user_name": "u", "password": CANARY}), "lacks domain_name"),
            (json.dumps(KEY | {"secret_key": ""}), "lacks secret_key"),
            (json.dumps(KEY | {"secret_key": [CANARY]}), "secret_key, but not as text"),
            (json.dumps(KEY | {"ak": "x"}), "holds ak, which does not belong there"),
            (json.dumps(KEY | {"password": CANARY}), "holds access_key, which does not belong there"),
            (json.dumps({CANARY: CANARY}), "holds a field, which does not belong there"),
            (json.dumps(KEY | {"project_id": "../p"}), "project_id"),
            (json.dumps(KEY | {"access_key": f"{CANARY}\nx"}), "access_key is empty, or holds"),
            (json.dumps(KEY | {"security_token": "t\u00e9"}), "security_token is empty, or holds"),
        ],
        ids=[f"fault {number}" for number in range(13)],
    )
    def test_is_refused_by_the_name_of_the_field_and_never_the_value(self, text: str, says: str) -> None:
        with pytest.raises(Misconfigured, match=says) as caught:
            parse_secret(text)
        assert CANARY not in str(caught.value)


class TestTheProfile:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "credentials"

    def test_is_the_official_sdks(self, file: Path) -> None:
        iam = "https://iam.example.com"
        basic = f"ak = a\nsk = 100%{CANARY}\nproject_id = p\nsecurity_token = t\niam_endpoint = {iam}\n"
        file.write_text(f"[global]\nak = x\n[basic]\n{basic}")
        assert ProfileProvider(file).read() == Credentials(AccessKey("a", f"100%{CANARY}", "t"), "p", iam)

    def test_needs_no_more_than_the_key(self, file: Path) -> None:
        file.write_text("[basic]\nak = a\nsk = b\nproject_id =\n")
        assert read_profile(file) == Credentials(AccessKey("a", "b"))

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (None, "cannot be read"),
            (CANARY, "is not an INI file"),
            ("[global]\nak = a\n", r"has no section \[basic\]"),
            (f"[basic]\nsk = {CANARY}\n", "lacks ak"),
            ("[basic]\nak = a\n", "lacks sk"),
            (f"[basic]\nak = a\nsk = {CANARY}\niam_endpoint = http://example.com\n", "iam_endpoint"),
        ],
        ids=["missing", "no INI", "no section", "no ak", "no sk", "unsafe endpoint"],
    )
    def test_is_refused_without_showing_a_line_of_it(self, text: str | None, says: str, file: Path) -> None:
        if text is not None:
            file.write_text(text)
        with pytest.raises(Misconfigured, match=says) as caught:
            read_profile(file)
        assert CANARY not in str(caught.value)

    def test_is_allowed_by_naming_it_and_local_commands_name_the_usual_one(self, tmp_path: Path) -> None:
        assert with_profile({}, tmp_path) == {}
        usual = tmp_path / ".huaweicloud" / "credentials"
        usual.parent.mkdir()
        usual.touch()
        assert with_profile({"A": "b"}, tmp_path) == {"A": "b", "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(usual)}
        named = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/another"}
        assert with_profile(named, tmp_path) == named


class TestTheKeyring:
    old, new = Credentials(AccessKey("old", "s")), Credentials(AccessKey("new", "s"))

    def test_reads_once(self) -> None:
        credentials = CredentialCache(Changing(self.old))
        assert credentials.current() is credentials.current()

    def test_reads_once_more_when_its_credentials_are_refused(self) -> None:
        credentials = CredentialCache(Changing(self.old, self.new))
        assert credentials.renew(credentials.current())
        assert credentials.current() == self.new

    def test_does_not_read_again_where_it_holds_others_than_those_refused(self) -> None:
        credentials = CredentialCache(Changing(self.new))
        credentials.current()
        assert credentials.renew(self.old)

    def test_knows_that_nothing_has_changed(self) -> None:
        credentials = CredentialCache(EnvironmentProvider(AccessKey("a", "s")))
        assert not credentials.renew(credentials.current())

    def test_lets_the_refusal_stand_where_the_source_is_away(self) -> None:
        away = VendorUnavailable("AWS is away")
        credentials = CredentialCache(Changing(self.old, away, away))
        assert not credentials.renew(credentials.current())
        with pytest.raises(Unauthorized, match="not used again for five minutes"):
            credentials.current()

    def test_takes_others_up_at_once_and_the_same_again_after_a_rest(self) -> None:
        credentials = CredentialCache(Changing(self.old, self.old, self.old, self.new))
        assert not credentials.renew(credentials.current())
        with pytest.raises(Unauthorized):
            credentials.current()
        assert credentials.current() == self.new

        credentials = CredentialCache(Changing(self.old, self.old))
        assert not credentials.renew(credentials.current())
        credentials._refused_at -= 301
        assert credentials.current() == self.old


def test_no_secret_is_in_any_repr() -> None:
    key, login = AccessKey("a", CANARY, CANARY), Login("u", CANARY, "d")
    shown = [key, login, Credentials(login), EnvironmentProvider(key), CredentialCache(EnvironmentProvider(key))]
    assert CANARY not in repr(shown)


def test_missing_credentials_are_reported_on_first_use() -> None:
    with pytest.raises(Misconfigured, match="one is set"):
        NoCredentials("one is set").read()
