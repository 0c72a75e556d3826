"""The roles may do what the deployed functions and AWS's services ask for, and nothing else; the bucket keeps it so."""

import copy
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from local.engine.environment import ACCOUNT
from tests.permissions.demands import CONTEXTS, TLS, Demand, all_demands
from tests.permissions.evaluator import ALLOWED, DENIED, Evaluator, evaluate, statements_of
from tests.permissions.exceptions import AWS_OWN, EXCEPTIONS
from tests.permissions.places import PLACES, PREFIX, place_of
from tests.permissions.processed import ARCHIVE_KEY, CREDENTIALS, EVERYTHING, ONE_PROJECT, Policy, Processed
from tests.permissions.recording import known, required
from tests.support.checks.named_tests import missing as missing_tests

pytestmark = pytest.mark.check

DEPLOYMENTS = {"targets": Processed(**EVERYTHING), "one project": Processed(**ONE_PROJECT)}
TEMPLATE = DEPLOYMENTS["targets"]
BUCKET = TEMPLATE.arn("ArchiveBucket")
NOT_USED = {
    "targets": {"PlanArchive GetSecretValue credentials"},
    "one project": {use for use in known() if use.endswith(" credentials-of-a-target")},
}
"""By deployment: what its functions cannot come to ask. Targets name their projects, so that no plan signs in."""
SAME_CODE = {"FetchFileOverHttp": "FetchFile"}
"""Functions that run another one's handler, and so do whatever that one was seen doing."""
ON_OBJECTS = tuple(
    f"s3:{action}" for action in ("GetObject", "PutObject", "PutObjectTagging", "DeleteObject", "AbortMultipartUpload")
)
ADMINISTRATOR = [
    Policy(
        "Administrator",
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    )
]


@cache
def demands_of(deployment: str) -> list[Demand]:
    """What is asked for, each once."""
    uses = known() - NOT_USED[deployment]
    uses |= {
        f"{function}{use.removeprefix(original)}"
        for function, original in SAME_CODE.items()
        for use in uses
        if use.startswith(f"{original} ")
    }
    by_request = {
        (d.who, d.action, d.resource, *sorted(d.context.items())): d for d in all_demands(DEPLOYMENTS[deployment], uses)
    }
    return list(by_request.values())


def refused(evaluator: Evaluator, demands: list[Demand]) -> list[str]:
    """Return what is asked for and not allowed."""
    answers = evaluator.answers(demands)
    return [
        f"{demand.who} {demand.action} {demand.resource}: {answer} ({demand.why})"
        for demand, answer in zip(demands, answers, strict=True)
        if answer != ALLOWED
    ]


def unused(evaluators: list[Evaluator], demands: list[Demand]) -> list[set[str]]:
    """Return what each grants that is not asked for: by the words of its policies, and by place in the archive."""
    asked = {(demand.who, demand.action, demand.resource) for demand in demands}
    places = [(action, f"{BUCKET}/{PREFIX}{key}") for action in ON_OBJECTS for key in PLACES.values()]
    others = {(action, _another(on)) for _, action, on in asked if not action.startswith("s3:") and on != "*"}
    sweep = [
        (n, Demand(role, action, on, "", TLS | CONTEXTS["if-none-match"] | CONTEXTS["key"]))
        for n, evaluator in enumerate(evaluators)
        for role in evaluator.roles
        for action, on in (*places, *sorted(others))
        if (role, action, on) not in asked
    ]
    found = [
        {
            f"{role} {action} {_said(resource)}"
            for role, action, resource in granted(evaluator)
            if not any(role == who and action == done and _covers(resource, on) for who, done, on in asked)
        }
        for evaluator in evaluators
    ]
    answers = evaluate([evaluators[n].request(demand) for n, demand in sweep], quickly=True)
    for (n, demand), answer in zip(sweep, answers, strict=True):
        if answer == ALLOWED:
            found[n].add(f"{demand.who} {demand.action} {_said(demand.resource)}")
    return found


def granted(evaluator: Evaluator) -> Iterable[tuple[str, str, str]]:
    """Yield each role with each action and resource that its policies name."""
    for role, policies in evaluator.roles.items():
        for statement in (s for policy in policies for s in statements_of(policy) if s["Effect"] == "Allow"):
            yield from ((role, action, on) for action in statement["Action"] for on in statement["Resource"])


def _covers(granted: str, asked: str) -> bool:
    """Return whether a grant is for what is asked for; everything is for an action alone that knows no resource."""
    return fnmatchcase(asked, granted) and (granted != "*" or asked == "*")


def _another(arn: str) -> str:
    """Return the ARN of another thing of the same sort."""
    return re.sub(r"^(arn:(?:[^:]*:){4}(?:[a-zA-Z-]+[:/])?).*", r"\1another", arn)


def _said(resource: str) -> str:
    below = resource.removeprefix(f"{BUCKET}/{PREFIX}")
    return place_of(below) if below in PLACES.values() else below


def changed(policy: str, statement: dict[str, Any] | None = None, *, without: str = "") -> Evaluator:
    """IAM of the roles with that policy, which has a statement more, or lacks an action."""
    evaluator = Evaluator(TEMPLATE)
    evaluator.roles = {
        role: [_changed(one, statement, without) if one.name == policy else one for one in policies]
        for role, policies in evaluator.roles.items()
        if policy in {one.name for one in policies}
    }
    return evaluator


def _changed(policy: Policy, statement: dict[str, Any] | None, without: str) -> Policy:
    document = copy.deepcopy(policy.document) or {"Statement": []}
    for one, stated in zip(document["Statement"], statements_of(policy), strict=True):
        one["Action"] = [action for action in stated["Action"] if action != without]
    document["Statement"] = [one for one in document["Statement"] if one["Action"]] + ([statement] if statement else [])
    return Policy(policy.name, document)


class TestRecord:
    def test_is_of_tests_that_there_are(self) -> None:
        assert missing_tests("".join(f"`{test.partition('[')[0]}`" for test in required())) == []

    def test_names_each_use_under_one_test(self) -> None:
        assert len(known()) == sum(map(len, required().values())) > 80

    @pytest.mark.parametrize("place", PLACES)
    def test_has_an_example_of_each_place(self, place: str) -> None:
        assert place_of(PLACES[place]) == place


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
class TestRoles:
    def test_may_do_all_that_is_asked_for(self, deployment: str) -> None:
        assert len(demands_of(deployment)) > 150
        assert refused(Evaluator(DEPLOYMENTS[deployment]), demands_of(deployment)) == []

    def test_may_do_nothing_else(self, deployment: str) -> None:
        assert unused([Evaluator(DEPLOYMENTS[deployment])], demands_of(deployment)) == [EXCEPTIONS.keys()]

    def test_have_of_awss_policies_those_that_sam_adds(self, deployment: str) -> None:
        roles = DEPLOYMENTS[deployment].roles().values()
        assert {policy.name for policies in roles for policy in policies if not policy.document} <= AWS_OWN.keys()


def test_every_permission_that_is_taken_away_is_missed() -> None:
    demands = demands_of("targets")
    taken = {
        (role, policy.name, action)
        for role, policies in Evaluator(TEMPLATE).roles.items()
        for policy in policies
        for statement in statements_of(policy)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        if not any(exception.startswith(f"{role} {action} ") for exception in EXCEPTIONS)
    }
    assert len(taken) > 60
    asked = [
        (one, demand) for one in sorted(taken) for demand in demands if (demand.who, demand.action) == (one[0], one[2])
    ]
    poorer = {one: changed(one[1], without=one[2]) for one in taken}
    answers = evaluate([poorer[one].request(demand) for one, demand in asked])
    assert {one for (one, _), answer in zip(asked, answers, strict=True) if answer != ALLOWED} == taken


ADDED = [
    ("LandFiles", "s3:DeleteObject", f"{BUCKET}/{PREFIX}manifests/*"),
    ("LandFiles", "s3:GetObject", f"{BUCKET}/{PREFIX}*"),
    ("LandFiles", "s3:DeleteObjectVersion", f"{BUCKET}/{PREFIX}data/*"),
    ("UseArchiveKey", "kms:Encrypt", ARCHIVE_KEY),
    ("ReadCredentials", "secretsmanager:GetSecretValue", "*"),
    ("ReadCredentials", "secretsmanager:GetSecretValue", f"{CREDENTIALS.rpartition(':')[0]}:*"),
    ("StartArchiveRun", "states:StopExecution", "*"),
    ("RunArchiveItems", "states:*", TEMPLATE.arn("ExportWorkflow")),
]


def test_every_permission_that_is_added_is_found() -> None:
    richer = [changed(policy, {"Effect": "Allow", "Action": action, "Resource": on}) for policy, action, on in ADDED]
    found = unused(richer, demands_of("targets"))
    assert [one for one, more in zip(ADDED, found, strict=True) if not more - EXCEPTIONS.keys()] == []


HEADERS = CONTEXTS["key"] | CONTEXTS["if-none-match"]
MANIFEST, SEAL, DATA = (f"{BUCKET}/{PREFIX}{PLACES[place]}" for place in ("manifests/*", "seals/*", "data/*"))


WRITES = [
    (MANIFEST, TLS | HEADERS, ALLOWED),
    (SEAL, TLS | HEADERS, ALLOWED),
    (MANIFEST, TLS | CONTEXTS["key"], DENIED),
    (SEAL, TLS | CONTEXTS["key"], DENIED),
    (MANIFEST, TLS | CONTEXTS["key"] | CONTEXTS["copy"], DENIED),
    (MANIFEST, TLS | CONTEXTS["key"] | {"s3:if-match": "an ETag"}, DENIED),
    (MANIFEST, TLS, DENIED),
    (MANIFEST, TLS | HEADERS | CONTEXTS["another-key"], DENIED),
    (MANIFEST, TLS | HEADERS | CONTEXTS["customer-key"], DENIED),
    (DATA, TLS, ALLOWED),
    (DATA, TLS | CONTEXTS["key"], ALLOWED),
    (DATA, TLS | CONTEXTS["another-key"], DENIED),
    (DATA, TLS | CONTEXTS["customer-key"], DENIED),
    (DATA, TLS | {"aws:SecureTransport": "false"}, DENIED),
    (DATA, TLS | {"s3:TlsVersion": "1.1"}, DENIED),
    (DATA, TLS | {"s3:TlsVersion": "1.2"}, ALLOWED),
]
"""What somebody writes who may do everything."""


def test_the_bucket_policy_refuses_every_caller() -> None:
    evaluator = Evaluator(TEMPLATE)
    evaluator.roles["Administrator"] = ADMINISTRATOR
    demands = [Demand("Administrator", "s3:PutObject", key, "a person", context) for key, context, _ in WRITES]
    answered = zip(WRITES, evaluator.answers(demands), strict=True)
    assert [(write, answer) for write, answer in answered if answer != write[2]] == []


class TestQueueAndTopic:
    @pytest.mark.parametrize(
        ("who", "action", "resource"),
        [
            ("ArchiveWorkflowDailyRole", "sqs:SendMessage", TEMPLATE.arn("RunsThatDidNotStart")),
            ("ArchiveWorkflowRole", "sns:Publish", TEMPLATE.arn("RunReports")),
        ],
    )
    def test_take_nothing_in_the_clear(self, who: str, action: str, resource: str) -> None:
        demands = [Demand(who, action, resource, "", {"aws:SecureTransport": secure}) for secure in ("true", "false")]
        assert Evaluator(TEMPLATE).answers(demands) == [ALLOWED, DENIED]

    def test_no_alarm_of_another_account_is_told(self) -> None:
        (of_ours, *_) = [demand for demand in demands_of("targets") if demand.who == "cloudwatch.amazonaws.com"]
        theirs = {name: value.replace(ACCOUNT, "210987654321") for name, value in of_ours.context.items()}
        demand = Demand(of_ours.who, of_ours.action, of_ours.resource, "", theirs)
        assert ALLOWED not in Evaluator(TEMPLATE).answers([demand])
