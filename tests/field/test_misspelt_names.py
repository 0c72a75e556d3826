"""Names from outside that nothing knows, dropped in silence before (F20): each is refused with the nearest one."""

import json
import os
import shutil
import subprocess

import pytest
from _pytest.mark import ParameterSet

from local.artifact import ROOT
from local.cloudformation import read_template
from local.demo.faults import parse_faults
from local.make import parameters, variables
from tests.support.builders.sam_overrides import SAM_READS
from workspace_exports.core.contract import Contract
from workspace_exports.core.errors import Misconfigured, Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.validation import parse
from workspace_exports.coverage.ledger_record import CoverageRequest
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.coverage.reports import ReportRequest
from workspace_exports.coverage.targets import Surroundings, Targets
from workspace_exports.events import StartRequest
from workspace_exports.exports import find_export

TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
KNOWN = parameters.declared(TEMPLATE)
SURROUNDINGS = Surroundings(frozenset({"ap-southeast-3", "la-south-2"}), frozenset({"myhuaweicloud.com"}))


class TestTheNearestName:
    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("filtres", " (did you mean filters?)"),
            ("FILTERS", " (did you mean filters?)"),
            ("filter", " (did you mean filters?)"),
            ("strat_time", " (did you mean start_time?)"),
            ("startTime", " (did you mean start_time?)"),
            ("xyzzy", ""),
            ("", ""),
            ("f" * 100_000, ""),
        ],
    )
    def test_is_named_where_there_is_one(self, name: str, near: str) -> None:
        assert did_you_mean(name, ["filters", "start_time", "day"]) == near


class TestRequests:
    @pytest.mark.parametrize(
        ("contract", "document", "near"),
        [
            (StartRequest, {"kind": "connection-record", "day": "2026-11-20"}, "connection-records"),
            (StartRequest, {"kind": "connection_records", "day": "2026-11-20"}, "connection-records"),
            (StartRequest, {"kind": "desktops", "filter": {}}, "filters"),
            (StartRequest, {"kind": "connection-records", "days": "2026-11-20"}, "day"),
            (StartRequest, {"kind": "connection-records", "starttime": "2026-11-20T00:00:00Z"}, "start_time"),
            (PlanRequest, {"kind": ["connection-records"]}, "kinds"),
            (PlanRequest, {"kinds": ["conection-records"]}, "connection-records"),
            (PlanRequest, {"from_day": "2026-11-20"}, "first_day"),
            (CoverageRequest, {"project": "p"}, "project_id"),
            (CoverageRequest, {"kind": "app-user-acess"}, "app-user-access"),
            (ReportRequest, {"run": "r", "planed": 1}, "planned"),
        ],
    )
    def test_a_field_or_kind_is_refused_with_the_nearest(
        self, contract: type[Contract], document: dict[str, object], near: str
    ) -> None:
        with pytest.raises(Rejected, match=rf"\(did you mean {near}\?\)"):
            parse(contract, document)

    @pytest.mark.parametrize(
        ("kind", "name", "near"),
        [
            ("connection-records", "terminaltype", "terminal_type"),
            ("connection-records", "terminal-type", "terminal_type"),
            ("connection-records", "user", "user_name"),
            ("connection-records", "lang", "language"),
            ("connection-records", "min_e2e_rrt", "min_e2e_rtt"),
            ("app-user-access", "user_name", "username"),
            ("users", "usr_name", "user_name"),
            ("user-group-members", "groupid", "group_id"),
        ],
    )
    def test_a_filter_is_refused_with_the_nearest(self, kind: str, name: str, near: str) -> None:
        problems = list(find_export(kind).filter_problems({name: "x"}))
        assert f"{name!r} is not a filter of {kind} (did you mean {near}?)" in problems[0]


class TestTargets:
    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ({"projectid": "p"}, "projectid is not a field here (did you mean project_id?)"),
            ({"project_id": "p", "regoin": "la-south-2"}, "regoin is not a field here (did you mean region?)"),
            ({"project_id": "p", "kind": ["user-usage"]}, "kind is not a field here (did you mean kinds?)"),
            ({"project_id": "p", "filter": {}}, "filter is not a field here (did you mean filters?)"),
            ({"project_id": "p", "credentials_secret": ""}, "(did you mean credentials_secret_arn?)"),
            ({"project_id": "p", "kinds": ["user-usages"]}, "'user-usages' is not known (did you mean user-usage?)"),
            (
                {"project_id": "p", "region": "ap-southest-3"},
                "'ap-southest-3' is not known (did you mean ap-southeast-3?)",
            ),
            (
                {"project_id": "p", "filters": {"connection-record": {}}},
                "'connection-record' is not known (did you mean connection-records?)",
            ),
            (
                {"project_id": "p", "kinds": ["user-usage"], "filters": {"desktop-usage": {}}},
                "desktop-usage is not among kinds (did you mean user-usage?)",
            ),
            (
                {"project_id": "p", "filters": {"connection-records": {"langage": "zh_CN"}}},
                "'langage' is not a filter of connection-records (did you mean language?)",
            ),
        ],
    )
    def test_a_name_is_refused_with_the_nearest(self, target: dict[str, object], said: str) -> None:
        with pytest.raises(Misconfigured) as refused:
            Targets.parse(json.dumps({"targets": [target]}).encode(), SURROUNDINGS)
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "near"),
    [("trottled", "throttled"), ("30% lost_answer", "lost-answer"), ("page-for-files", "page-for-file")],
)
def test_a_fault_of_the_demo_is_refused_with_the_nearest(asked: str, near: str) -> None:
    with pytest.raises(ValueError, match=rf"\(did you mean {near}\?\)"):
        parse_faults(asked)


class TestTheTemplatesParameters:
    def test_are_read_as_the_template_has_them(self) -> None:
        assert list(read_template(ROOT / "template.yaml")["Parameters"]) == KNOWN
        assert parameters.declared("Resources:\n  Some:\n") == []

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            # "No changes to deploy", exit 0, and no mail ever.
            ("AlarmEmial=me@example.com", "AlarmEmial is no parameter of template.yaml (did you mean AlarmEmail?)"),
            ("alarmemail=me@example.com", "(did you mean AlarmEmail?)"),
            (
                "WorkspaceRegion=ap-southeast-3 AtRisk=9",
                "AtRisk is no parameter of template.yaml (did you mean AtRiskDays?)",
            ),
            ('"AlarmMail"=me@example.com', "AlarmMail is no parameter of template.yaml (did you mean AlarmEmail?)"),
            ("Alarm_Email=me@example.com", "'Alarm_Email' cannot be a parameter's name (did you mean AlarmEmail?)"),
            ("AlarmEmail =me@example.com", "a word is no Name=value"),
            ("Schedule=cron(0 5 * * ? *)", 'as in Schedule="cron(0 5 * * ? *)"'),
            ("ParameterKey=AlarmEmail,ParameterValue=me@example.com", "ParameterKey is no parameter of template.yaml"),
            ("file://parameters.yaml", "a word is no Name=value"),
            ("--AlarmEmail=me@example.com", "(did you mean AlarmEmail?)"),
        ],
    )
    def test_what_sam_would_drop_is_refused(self, given: str, said: str) -> None:
        problems = parameters.problems(f"Architecture=arm64 {given}", KNOWN)
        assert said in "; ".join(problems)
        assert "me@example.com" not in str(problems)

    @pytest.mark.parametrize("given", SAM_READS)
    def test_what_sam_reads_is_left_to_it(self, given: str) -> None:
        assert parameters.problems(given, [*KNOWN, *SAM_READS[given]]) == []

    @pytest.mark.parametrize(
        ("config", "texts"),
        [
            ("version = 0.1\n", []),
            ("[default.deploy.parameters]\nstack_name = 'x'\n", []),
            ("[default.deploy.parameters]\nparameter_overrides = 'A=b'\n", ["A=b"]),
            ("[prod.deploy.parameters]\nparameter_overrides = ['A=b', 'C=\"d e\"']\n", ["A=b", 'C="d e"']),
            ("[default.deploy.parameters.parameter_overrides]\nA = 'b c'\nD = 1\n", ['A="-" D="-"']),
        ],
    )
    def test_those_of_samconfig_are_found(self, config: str, texts: list[str]) -> None:
        assert list(parameters.configured(config)) == texts

    def test_are_refused_before_anything_is_built(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert parameters.main(["Architecture=arm64 AlarmEmial=x WorkspaceRegion=y"]) == parameters.USAGE
        assert capsys.readouterr().err == (
            "PARAMETERS: AlarmEmial is no parameter of template.yaml (did you mean AlarmEmail?)\n"
            "Nothing was built or deployed. docs/deploy.md lists the parameters.\n"
        )
        assert parameters.main(["Architecture=arm64 AlarmEmail=x"]) == 0
        assert parameters.main([]) == 0, "samconfig.toml has none"


def further(*rows: tuple[object, ...]) -> list[ParameterSet]:
    """Return the rows for the full table: each starts make."""
    return [pytest.param(*row, marks=pytest.mark.check) for row in rows]


class TestVariablesOfMake:
    """Through make itself; nothing is made."""

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (["export", "KID=connection-records"], "KID is no variable of this Makefile (did you mean KIND?)"),
            (["export", "kind=connection-records"], "kind is no variable of this Makefile (did you mean KIND?)"),
            *further(
                (["bench", "BENCHES=imports"], "(did you mean BENCH?)"),
                (["deploy", "PARAMETER=AlarmEmail=x"], "(did you mean PARAMETERS?)"),
                (["verify", "ARCHIV=./archive"], "(did you mean ARCHIVE?)"),
                (["test", "TESTS=tests/unit"], "(did you mean TEST?)"),
                (["demo", "FAULT=20%"], "(did you mean FAULTS?)"),
                (["build", "ARCHITECTURE=x86_64"], "ARCHITECTURE is no variable of this Makefile"),
                (["help", "XYZZY=1", "KID=2"], "XYZZY is no variable of this Makefile"),
                (["export", "DAY-=2026-11-20"], "DAY- is no variable of this Makefile (did you mean DAY?)"),
            ),
        ],
    )
    def test_one_that_nothing_reads_is_refused(self, given: list[str], said: str) -> None:
        made = dry_run(*given)
        assert made.returncode == 2
        assert said in made.stderr
        assert made.stdout == ""

    @pytest.mark.parametrize(
        "given",
        [
            ["PYTHON=python3", "VENV=.build/venv"],
            ["KIND=a", "DAY=b", "TO=O'Brien & $$co"],
            *further(
                (["CC=gcc", "CFLAGS=-O2 -g", "LDFLAGS="],),
                (["SHELL=/bin/bash"],),
                (["ARCHIVE=./a"],),
                (["PARAMETERS=A=b", "STACK=s", "DEPLOY=--debug", "ARCH=x86_64", "RUNTIME=python3.14"],),
                (["TEST=tests/unit -k x", "COVERAGE=yes", "PICTURES=p", "FUZZ=f", "BENCH=b"],),
                (["SAM=a", "AUDIT=b", "FUZZER=c", "LOCALSTACK=d", "DEMO=f", "FAULTS=30% throttled"],),
            ),
        ],
        ids=str,
    )
    def test_those_that_something_reads_are_let_through(self, given: list[str]) -> None:
        made = dry_run("help", *given)
        assert (made.returncode, made.stderr) == (0, "")

    def test_the_environment_is_not_asked(self) -> None:
        assert dry_run("help", KID="connection-records").returncode == 0

    def test_every_name_on_the_help_is_known(self) -> None:
        own = variables.named((ROOT / "Makefile").read_text(encoding="utf-8"))
        assert {"KIND", "DAY", "TO", "PARAMETERS", "PYTHON", "VENV", "FAULTS"} <= own
        assert "KID" not in own


def dry_run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make
    return subprocess.run(  # noqa: S603 - our own
        [make, "--dry-run", "--no-print-directory", "--directory", ROOT, *arguments],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
