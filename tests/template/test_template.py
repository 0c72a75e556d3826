"""What the deployment template promises, read from the template itself."""

import math
import re
from typing import Any

import pytest
import yaml

from tests.support.checks.history_limits import ORDERS, most_attempts, most_events, most_looks
from tests.support.template.document import (
    FUNCTIONS,
    HTTP_ONLY,
    MACHINES,
    NONE,
    PLATFORM,
    RESOURCES,
    ROOT,
    SOURCE,
    STATES,
    TEMPLATE,
    allow,
    below,
    conditions,
    statements,
)
from workspace_exports.core import errors
from workspace_exports.exports import EXPORTS
from workspace_exports.runtime.settings.polling_times import PollingSettings

MOST_LINES = 1900
"""Beyond it, what repeats gets an anchor, and what is short goes on one line."""
NOTIFICATIONS = ("sns:publish", "events:putEvents")
"""They may be sent twice, and AWS documents no list of the errors they pass on."""
NAMES = {"BucketName", "LogGroupName", "Name", "RoleName"}
"""Properties that fix a physical name; CloudFormation's own choice is different in every stack."""
WITHOUT_VENDOR = {"RecordFailureFunction", "ReportArchiveFunction", "ShowCoverageFunction"}
"""Functions that work with the archive alone."""


LIST = allow("s3:ListBucket", {"Fn::GetAtt": ["ArchiveBucket", "Arn"]})
LAND = [
    allow(["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], below("data/*")),
    allow(["s3:GetObject", "s3:PutObject"], below("manifests/*")),
    allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], below("statements/*")),
    allow("s3:GetObject", below("revoked/*")),
    allow(["s3:GetObject", "s3:DeleteObject"], below("orders/by-window/*")),
    allow("s3:GetObject", [below("orders/by-task/*"), below("targets.json")]),
    LIST,
    allow("s3:PutObjectTagging", [below("data/*"), below("manifests/*"), below("statements/*")]),
]
KEEP_BOOK = allow(["s3:GetObject", "s3:PutObject"], below("orders/*"))
STRIKE_OUT = allow("s3:DeleteObject", [below("orders/by-time/*"), below("orders/by-window/*")])

TARGETS = below("targets.json")
LEDGER = [*map(below, ("manifests/*", "failures/*", "orders/by-window/*", "since/*", "coverage/*")), TARGETS]
PLAN = [
    allow(["s3:PutObject", "s3:AbortMultipartUpload"], below("runs/*/plan.json")),
    allow("s3:PutObject", below("since/*")),
]


TAG_FAILURES = allow("s3:PutObjectTagging", below("failures/*"))
TAG_BOOK = KEEP_BOOK | {"Action": "s3:PutObjectTagging"}
TAG_COVERAGE = allow("s3:PutObjectTagging", below("coverage/*"))
TAG_PLAN = allow("s3:PutObjectTagging", [below("runs/*/plan.json"), below("since/*")])


MAPS = [(name, state) for name, state in STATES if state["Type"] == "Map"]
TASKS = [pytest.param(state, id=name) for name, state in STATES if state["Type"] == "Task"]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_retries_with_full_jitter_and_a_cap_catches_and_times_out(task: dict[str, Any]) -> None:
    assert task["Retry"]
    assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"])
    for retry in task["Retry"]:
        assert 0 < retry["MaxDelaySeconds"] <= 60
        assert 0 < retry["MaxAttempts"] <= 8
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert task["TimeoutSeconds"] > 0


@pytest.mark.parametrize("task", TASKS)
def test_every_error_that_is_retried_exists_and_can_be_helped_by_it(task: dict[str, Any]) -> None:
    if task["Resource"].endswith(NOTIFICATIONS):
        assert [retry["ErrorEquals"] for retry in task["Retry"]] == [["States.ALL"]]
        return
    for name in (name for retry in task["Retry"] for name in retry["ErrorEquals"]):
        if name not in PLATFORM:
            assert issubclass(getattr(errors, name), errors.Transient | errors.FetchAgain), name


FUNCTION_TASKS = [
    pytest.param(state, id=name)
    for name, state in STATES
    if state["Type"] == "Task" and str(state["Resource"]).startswith("${")
]


@pytest.mark.parametrize("task", FUNCTION_TASKS)
def test_a_function_that_the_platform_ends_or_cannot_start_is_called_again(task: dict[str, Any]) -> None:
    retried = {name for retry in task["Retry"] for name in retry["ErrorEquals"]}
    assert {name for name in PLATFORM if not name.startswith("StepFunctions.")} <= retried


MOST_ADDED_SECONDS = 120
EXPORT: dict[str, Any] = MACHINES["ExportWorkflow"]["Definition"]["States"]


def concrete(base: type[errors.ExportError]) -> set[str]:
    subclasses = {c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, base)}
    return {c.__name__ for c in subclasses if not c.__subclasses__()}


@pytest.mark.parametrize("state", ["Order the export", "Look at the task", "Fetch the file into the archive"])
def test_what_passes_is_waited_out_wherever_it_happens(state: str) -> None:
    retried = {name for retry in EXPORT[state]["Retry"] for name in retry["ErrorEquals"]}
    lambdas_own = {name for name in PLATFORM if name.startswith(("Lambda.", "Runtime.", "Sandbox.", "States."))}
    again = concrete(errors.FetchAgain) if state.startswith("Fetch") else set()
    assert retried == concrete(errors.Transient) - {"Throttled"} | lambdas_own | again


@pytest.mark.parametrize(
    ("state", "resume"),
    [("Order the export", "order"), ("Look at the task", "look"), ("Fetch the file into the archive", "fetch")],
)
def test_what_is_throttled_waits_as_long_as_the_vendor_asks_and_goes_on_where_it_was(state: str, resume: str) -> None:
    throttled = EXPORT[state]["Catch"][0]
    assert throttled["ErrorEquals"] == ["Throttled"]
    entry = EXPORT[throttled["Next"]]
    assert entry["Result"] == resume
    routes = {rule["StringEquals"]: rule["Next"] for rule in EXPORT["Which step was throttled?"]["Choices"]}
    assert routes.get(resume, EXPORT["Which step was throttled?"]["Default"]) == state


@pytest.mark.parametrize("state", ["Look at the task", "Fetch the file into the archive"])
def test_what_a_new_order_may_help_leads_to_one(state: str) -> None:
    again = EXPORT[state]["Catch"][1]
    assert set(again["ErrorEquals"]) == concrete(errors.OrderAgain)
    assert again["Next"] == "Has it been ordered again already?"


def test_every_failure_is_recorded_and_ends_the_machine_whether_recorded_or_not() -> None:
    tasks = {name: state for name, state in EXPORT.items() if state["Type"] == "Task"}
    ends = {name: state["Catch"][-1]["Next"] for name, state in tasks.items()}
    assert ends.pop("Record why it failed") == "The export failed"
    assert set(ends.values()) == {"Record why it failed"}
    assert EXPORT["Record why it failed"]["Catch"][-1]["ResultPath"] != EXPORT["Record why it failed"]["ResultPath"]


def bounds(parameter: str) -> tuple[int, int]:
    stated = TEMPLATE["Parameters"][parameter]
    return stated["MinValue"], stated["MaxValue"]


def test_the_history_of_an_export_stays_far_from_the_limit_of_aws() -> None:
    """25,000 events end an execution; three fifths are ours, whatever the parameters and however bad the day."""
    deadlines, (shortest, _) = bounds("PollDeadlineSeconds"), bounds("PollShortestWaitSeconds")
    looks = max(most_looks(deadline, shortest) for deadline in range(deadlines[0], deadlines[1] + 1, 97))
    assert most_events(EXPORT, max(looks, most_looks(deadlines[1], shortest))) <= 15_000


def test_the_machine_outlasts_two_orders_that_take_all_their_time() -> None:
    (_, deadline), (_, shortest) = bounds("PollDeadlineSeconds"), bounds("PollShortestWaitSeconds")
    longest = {name: _longest(state) for name, state in EXPORT.items() if state["Type"] == "Task"}
    end = longest.pop("Record why it failed")
    orders = ORDERS * (deadline + shortest + sum(longest.values()))
    (bound,) = EXPORT["Has it been throttled too often?"]["Choices"]
    pauses = bound["NumericGreaterThan"] * (errors.LONGEST_PAUSE_SECONDS + MOST_ADDED_SECONDS)
    drawn = re.search(r"States\.Array\(([\d, ]+)\)", EXPORT["Read how long to wait"]["Parameters"]["seconds.$"])
    assert drawn
    ranges = [int(text) for text in drawn[1].split(",")]
    assert (max(ranges), len(ranges)) == (MOST_ADDED_SECONDS, bound["NumericGreaterThan"] + 1)
    assert orders + pauses + end <= MACHINES["ExportWorkflow"]["Definition"]["TimeoutSeconds"]


def _longest(task: dict[str, Any]) -> int:
    """Seconds of a task that is spared no retry, each after the longest wait and taking all its time."""
    waits: list[int] = [retry["MaxAttempts"] * retry["MaxDelaySeconds"] for retry in task["Retry"]]
    return most_attempts(task) * int(task["TimeoutSeconds"]) + sum(waits)


def test_the_functions_take_what_the_parameters_allow_and_nothing_else() -> None:
    for parameter, setting in {
        "PollDeadlineSeconds": "deadline_seconds",
        "PollShortestWaitSeconds": "shortest_wait_seconds",
    }.items():
        lower, upper = PollingSettings.model_fields[setting].metadata
        assert (lower.ge, upper.le) == bounds(parameter)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_handler_and_less_time_than_its_task(name: str) -> None:
    function = FUNCTIONS[name]
    module = function["Handler"].removesuffix(".handler").replace(".", "/")
    assert (ROOT / f"{module}.py").is_file()
    using = [s for _, s in STATES if s["Type"] == "Task" and s["Resource"] == f"${{{name.removesuffix('Function')}}}"]
    assert bool(using) is (name not in HTTP_ONLY)
    assert all(function["Timeout"] < task["TimeoutSeconds"] for task in using)


def test_every_machine_ends_by_itself() -> None:
    assert all(machine["Definition"]["TimeoutSeconds"] > 0 for machine in MACHINES.values())


def test_the_run_outlasts_all_its_exports_even_if_each_takes_all_its_time() -> None:
    """The first run has the most to do: every day of every kind."""
    ((_, each),) = MAPS
    export = each["ItemProcessor"]["States"]["Export one day"]["TimeoutSeconds"]
    assert export > MACHINES["ExportWorkflow"]["Definition"]["TimeoutSeconds"]
    days = sum(export.window.last_days for export in EXPORTS.values() if export.window.has_days)
    rounds = math.ceil(days / TEMPLATE["Parameters"]["ExportsAtOnce"]["Default"])
    year = 365 * 24 * 3600
    assert rounds * export < MACHINES["ArchiveWorkflow"]["Definition"]["TimeoutSeconds"] <= year


def test_few_exports_are_under_way_at_a_time() -> None:
    assert bounds("ExportsAtOnce") == (1, 10)
    assert all(state["MaxConcurrencyPath"] == "$.exports_at_once" for _, state in MAPS)


def test_the_archive_is_completed_every_day_unless_told_otherwise() -> None:
    assert TEMPLATE["Parameters"]["ScheduleState"]["Default"] == "ENABLED"
    daily = MACHINES["ArchiveWorkflow"]["Events"]["Daily"]["Properties"]
    assert daily["ScheduleExpression"] == {"Ref": "Schedule"}
    assert daily["State"] == {"Ref": "ScheduleState"}


def test_two_stacks_have_room_beside_each_other() -> None:
    assert MACHINES["ArchiveWorkflow"]["Events"]["Daily"]["Properties"]["OmitName"] is True
    named = {name: r["Properties"] for name, r in RESOURCES.items() if r.get("Properties", {}).keys() & NAMES}
    assert named.pop("ArchiveApi")["Name"] == {"Ref": "AWS::StackName"}
    for machine in MACHINES:
        group = named.pop(f"{machine}Log")["LogGroupName"]
        assert group == {"Fn::Sub": f"/aws/vendedlogs/states/${{AWS::StackName}}-{machine}"}
    assert named.pop("ArchiveApiLog")["LogGroupName"] == {"Fn::Sub": "/aws/vendedlogs/apigateway/${AWS::StackName}"}
    assert "ApiId" in named.pop("ArchiveApiAuthorizer"), "its name is the API's own business"
    assert not named


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        (
            "StartExportFunction",
            [KEEP_BOOK, STRIKE_OUT, allow("s3:GetObject", [below("manifests/*"), TARGETS]), LIST, TAG_BOOK],
        ),
        (
            "PollStatusFunction",
            [allow("s3:GetObject", [below("manifests/*"), below("orders/by-task/*"), TARGETS]), LIST],
        ),
        ("FetchFileFunction", LAND),
        ("FetchFileOverHttpFunction", [*LAND, allow("s3:GetObject", [below("failures/*"), below("data/*")])]),
        (
            "ShowCoverageFunction",
            [allow("s3:GetObject", LEDGER), allow("s3:PutObject", below("coverage/*")), LIST, TAG_COVERAGE],
        ),
        ("PlanArchiveFunction", [LIST, allow("s3:GetObject", TARGETS), *PLAN, TAG_PLAN]),
        ("RecordFailureFunction", [allow("s3:PutObject", below("failures/*")), TAG_FAILURES]),
    ],
)
def test_a_function_may_do_in_the_archive_what_it_does_there_and_no_more(
    name: str, allowed: list[dict[str, Any]]
) -> None:
    assert [statement for statement in statements(FUNCTIONS[name]) if "s3:" in str(statement["Action"])] == allowed


def test_tags_and_key_are_granted_only_where_they_are_set() -> None:
    granted = {name: conditions(function) for name, function in FUNCTIONS.items() if conditions(function)}
    tagging = {"s3:PutObjectTagging": "ArchiveIsTagged"}
    assert granted == {
        "StartExportFunction": tagging,
        "PollStatusFunction": {"kms:Decrypt": "ArchiveHasItsOwnKey"},
        "FetchFileFunction": tagging,
        "FetchFileOverHttpFunction": tagging,
        "ShowCoverageFunction": tagging,
        "PlanArchiveFunction": tagging,
        "RecordFailureFunction": tagging | {"kms:GenerateDataKey": "ArchiveHasItsOwnKey"},
        "ReportArchiveFunction": tagging,
    }
    assert TEMPLATE["Conditions"]["ArchiveIsTagged"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ArchiveTags"}, ""]}]}


@pytest.mark.parametrize("name", ["ShowCoverageFunction", "ReportArchiveFunction"])
def test_functions_that_report_missing_days_know_the_retention(name: str) -> None:
    assert FUNCTIONS[name]["Environment"]["Variables"]["ARCHIVE_RETENTION_DAYS"] == {"Ref": "ArchiveRetentionDays"}


def test_functions_that_write_to_the_archive_may_use_its_key_only() -> None:
    policy = RESOURCES["UseArchiveKey"]
    assert policy["Condition"] == "ArchiveHasItsOwnKey"
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert statement["Resource"] == {"Ref": "ArchiveKeyArn"}
    granted = {"Fn::If": ["ArchiveHasItsOwnKey", {"Ref": "UseArchiveKey"}, NONE]}
    users = {name for name, function in FUNCTIONS.items() if granted in function["Policies"]}
    writers = {name for name, f in FUNCTIONS.items() if any("s3:PutObject" in s["Action"] for s in statements(f))}
    assert users == writers - {"RecordFailureFunction"}
    encrypt = allow("kms:GenerateDataKey", {"Ref": "ArchiveKeyArn"})
    assert encrypt in statements(FUNCTIONS["RecordFailureFunction"]), "it reads nothing and writes nothing in parts"


def test_the_archives_settings_are_parameters_which_may_be_left_out() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    for variable, parameter in {"ARCHIVE_KMS_KEY_ARN": "ArchiveKeyArn", "ARCHIVE_TAGS": "ArchiveTags"}.items():
        assert variables[variable] == {"Ref": parameter}
        assert TEMPLATE["Parameters"][parameter]["Default"] == ""


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("ArchiveKeyArn", "", True),
        ("ArchiveKeyArn", "arn:aws:kms:eu-central-1:123456789012:key/mrk-0f", True),
        ("ArchiveKeyArn", "alias/archive", False),
        ("ArchiveTags", "", True),
        ("ArchiveTags", "team=audit&retention=7y", True),
        ("ArchiveTags", "team=", True),
        ("ArchiveTags", "team", False),
        ("ArchiveTags", "team=audit&", False),
        ("TargetSecretArns", "", True),
        ("TargetSecretArns", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:targets/p1-AbCdEf", True),
        ("TargetSecretArns", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:targets/*", True),
        ("TargetSecretArns", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*", False),
        ("TargetSecretArns", "*", False),
        pytest.param("ArchiveTags", "&".join(f"n{n}=v" for n in range(11)), False, id="eleven tags"),
    ],
)
def test_what_the_functions_would_refuse_is_not_deployed(parameter: str, value: str, *, allowed: bool) -> None:
    assert bool(re.match(TEMPLATE["Parameters"][parameter]["AllowedPattern"], value)) is allowed


def test_no_role_has_a_wildcard() -> None:
    for statement in (s for role in (*FUNCTIONS.values(), *MACHINES.values()) for s in statements(role)):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        assert statement["Resource"] != "*"


def test_the_bucket_is_private_encrypted_kept_and_tidied() -> None:
    bucket = RESOURCES["ArchiveBucket"]
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    (encryption,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    own, s3s = ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "ArchiveKeyArn"}}, {"SSEAlgorithm": "AES256"})
    condition, with_key, without = encryption["Fn::If"]
    assert condition == "ArchiveHasItsOwnKey"
    assert with_key == {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": own}
    assert without == {"ServerSideEncryptionByDefault": s3s}
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


def test_no_secret_is_a_parameter_or_an_environment_value() -> None:
    variables = {**TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]}
    for function in FUNCTIONS.values():
        variables |= function.get("Environment", {}).get("Variables", {})
    assert variables["WORKSPACE_CREDENTIALS_SECRET_ARN"] == {"Ref": "CredentialsSecretArn"}
    arns = {"CredentialsSecretArn", "TargetSecretArns", "WORKSPACE_CREDENTIALS_SECRET_ARN"}
    names = {*TEMPLATE["Parameters"], *variables} - arns
    assert not [name for name in names if re.search(r"(?i)accesskey|secret|password|token|_[as]k$", name)]
    assert not any(parameter.get("NoEcho") for parameter in TEMPLATE["Parameters"].values())


def test_the_credentials_policy_reads_exactly_the_named_secrets() -> None:
    read, theirs, decrypt = RESOURCES["ReadCredentials"]["Properties"]["PolicyDocument"]["Statement"]
    assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", {"Ref": "CredentialsSecretArn"})
    assert theirs["Fn::If"] == ["TargetsHaveSecrets", read | {"Resource": {"Ref": "TargetSecretArns"}}, NONE]
    condition, with_key, without = decrypt["Fn::If"]
    assert (condition, without) == ("SecretHasItsOwnKey", {"Ref": "AWS::NoValue"})
    assert (with_key["Action"], with_key["Resource"]) == ("kms:Decrypt", {"Ref": "CredentialsKeyArn"})


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - WITHOUT_VENDOR))
def test_every_function_that_signs_in_may_read_the_credentials(name: str) -> None:
    granted = FUNCTIONS[name]["Policies"][0]
    read: dict[str, Any] = {"Ref": "ReadCredentials"}
    only_to_look_up = {"Fn::If": ["PlanSignsIn", read, {"Ref": "AWS::NoValue"}]}
    assert granted == (only_to_look_up if name == "PlanArchiveFunction" else read)


def test_nothing_deployed_knows_boto() -> None:
    pinned = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    assert not re.search(r"^(boto|awscrt|s3fs|aiobotocore)", pinned, re.MULTILINE)


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        pins = re.findall(r"^\S+==\S+.*$", text, re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins)
        assert "://" not in text
        assert "--index" not in text


def test_the_template_stays_short() -> None:
    assert len(SOURCE.splitlines()) <= MOST_LINES


def test_the_template_has_no_merge_keys() -> None:
    """SAM writes aliases out; merge keys are outside of what CloudFormation's tools agree on (cfn-lint: W1100)."""
    events = yaml.parse(SOURCE, Loader=yaml.SafeLoader)
    assert not any(isinstance(event, yaml.ScalarEvent) and event.value == "<<" for event in events)
