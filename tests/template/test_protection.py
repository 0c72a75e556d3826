"""What the template protects: the archive's bucket, permissions, logs, and the topic that everybody listens to."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.template.document import FUNCTIONS, MACHINES, RESOURCES, TEMPLATE, below
from tests.support.template.rendering import KEY, Rendering

BUCKET_AND_ALL_IN_IT = [{"Fn::GetAtt": ["ArchiveBucket", "Arn"]}, {"Fn::Sub": "${ArchiveBucket.Arn}/*"}]
ALL_IN_IT = {"Fn::Sub": "${ArchiveBucket.Arn}/*"}
WITHOUT_A_RESOURCE = {"DeliverWorkflowLogs": "logs:", "SendWorkflowTraces": "xray:"}
"""Policies on everything, since AWS knows their actions for everything only; the services they are about."""

PLAIN = {"WorkspaceRegion": "ap-southeast-3"}
VARIANTS = {
    "defaults": PLAIN,
    "own key": PLAIN | {"ArchiveKeyArn": KEY},
    "everything": PLAIN
    | {
        "ArchiveKeyArn": KEY,
        "ArchiveLockMode": "COMPLIANCE",
        "ArchiveLockDays": "365",
        "ArchiveRetentionDays": "400",
        "DataTierDays": "90",
        "AccessLogBucket": "access-logs",
    },
}


def bucket(**parameters: str) -> Any:
    return Rendering(**parameters).properties("ArchiveBucket")


def rules(**parameters: str) -> dict[str, Any]:
    return {rule.pop("Id"): rule for rule in bucket(**parameters)["LifecycleConfiguration"]["Rules"]}


def denials(policy: str, **parameters: str) -> dict[str, Any]:
    stated = Rendering(**parameters).properties(policy)["PolicyDocument"]["Statement"]
    denied = {s.pop("Sid"): s for s in stated if s.pop("Effect") == "Deny"}
    assert all(statement.pop("Principal") == "*" for statement in denied.values())
    return denied


class TestBucket:
    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    @pytest.mark.parametrize(
        "protection", ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
    )
    def test_nothing_in_it_is_public(self, protection: str, parameters: dict[str, str]) -> None:
        assert bucket(**parameters)["PublicAccessBlockConfiguration"][protection] is True

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("VersioningConfiguration", {"Status": "Enabled"}),
            ("OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
        ],
    )
    def test_what_was_written_over_is_kept_and_is_the_owners(
        self, name: str, expected: object, parameters: dict[str, str]
    ) -> None:
        assert bucket(**parameters)[name] == expected

    @pytest.mark.parametrize("resource", ["ArchiveBucket", "ArchiveBucketPolicy"])
    def test_it_outlives_its_stack_and_keeps_its_policy(self, resource: str) -> None:
        # A first deployment that fails leaves no empty bucket.
        assert RESOURCES[resource]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert RESOURCES[resource]["UpdateReplacePolicy"] == "Retain"

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    @pytest.mark.parametrize(
        ("name", "condition"),
        [
            ("NothingInTheClear", {"Bool": {"aws:SecureTransport": "false"}}),
            ("NothingByOldTls", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        ],
    )
    def test_it_is_reached_over_tls_only(self, name: str, condition: object, parameters: dict[str, str]) -> None:
        assert RESOURCES["ArchiveBucketPolicy"]["Properties"]["Bucket"] == {"Ref": "ArchiveBucket"}
        assert denials("ArchiveBucketPolicy", **parameters)[name] == {
            "Action": "s3:*",
            "Resource": BUCKET_AND_ALL_IN_IT,
            "Condition": condition,
        }

    def test_with_a_key_of_its_own_nothing_is_written_with_another(self) -> None:
        put = {"Action": "s3:PutObject", "Resource": ALL_IN_IT}
        header = "s3:x-amz-server-side-encryption"
        denied = denials("ArchiveBucketPolicy", ArchiveKeyArn=KEY)
        for sid, named, value in (
            ("NoOtherEncryption", header, "aws:kms"),
            ("NoOtherKey", f"{header}-aws-kms-key-id", KEY),
        ):
            # A negated operator alone would refuse the parts of an upload, which name nothing.
            assert denied[sid] == put | {"Condition": {"StringNotEquals": {named: value}, "Null": {named: "false"}}}
        assert denials("ArchiveBucketPolicy").keys() == denied.keys() - {"NoOtherEncryption", "NoOtherKey"}

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_what_is_committed_is_not_written_over(self, parameters: dict[str, str]) -> None:
        assert denials("ArchiveBucketPolicy", **parameters)["NothingWrittenOver"] == {
            "Action": "s3:PutObject",
            "Resource": [below("manifests/*"), below("seals/*")],
            "Condition": {"Null": {"s3:if-none-match": "true"}},
        }

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_no_request_may_bring_its_own_key(self, parameters: dict[str, str]) -> None:
        assert denials("ArchiveBucketPolicy", **parameters)["NoKeyOfTheCaller"] == {
            "Action": "s3:PutObject",
            "Resource": ALL_IN_IT,
            "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        }

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("", {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}),
            (
                KEY,
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
                },
            ),
        ],
        ids=["S3's key", "own key"],
    )
    def test_it_is_encrypted(self, key: str, expected: object) -> None:
        (encryption,) = bucket(ArchiveKeyArn=key)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption == expected

    def test_access_is_logged_where_there_is_a_bucket_for_it(self) -> None:
        assert bucket(AccessLogBucket="access-logs")["LoggingConfiguration"]["DestinationBucketName"] == "access-logs"
        assert "LoggingConfiguration" not in bucket()


class TestObjectLock:
    @pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
    def test_every_object_is_locked_for_as_long_as_asked(self, mode: str) -> None:
        locked = bucket(ArchiveLockMode=mode, ArchiveLockDays="365")
        assert locked["ObjectLockEnabled"] is True
        assert locked["ObjectLockConfiguration"] == {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, "Days": "365"}},
        }

    def test_nothing_is_locked_unless_asked(self) -> None:
        assert not bucket().keys() & {"ObjectLockEnabled", "ObjectLockConfiguration"}

    @pytest.mark.parametrize(
        ("mode", "days", "allowed"),
        [("", "0", True), ("GOVERNANCE", "1", True), ("GOVERNANCE", "0", False), ("", "30", False)],
    )
    def test_a_mode_has_days_and_days_a_mode(self, mode: str, days: str, *, allowed: bool) -> None:
        asked = Rendering(ArchiveLockMode=mode, ArchiveLockDays=days)
        assert all(asked.allowed(rule) for rule in ("LockNeedsDays", "LockDaysNeedMode")) is allowed


class TestLifecycle:
    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_uploads_that_never_ended_go_after_a_day(self, parameters: dict[str, str]) -> None:
        rule = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
        assert rules(**parameters)["RemoveUploadsThatNeverEnded"] == rule

    def test_earlier_versions_go_after_a_while_and_so_does_what_marks_them(self) -> None:
        assert rules(EarlierVersionsDays="30")["ForgetEarlierVersions"] == {
            "Status": "Enabled",
            "ExpiredObjectDeleteMarker": True,
            "NoncurrentVersionExpiration": {"NoncurrentDays": "30"},
        }

    def test_by_default_no_file_and_no_manifest_ever_goes_or_moves(self) -> None:
        below = [rule.get("Prefix") for rule in rules().values() if {"ExpirationInDays", "Transitions"} & rule.keys()]
        assert below == [f"workspace-exports/{folder}/" for folder in ("orders", "failures", "statements", "runs")]

    def test_files_go_with_their_manifests_and_nothing_else_does(self) -> None:
        added = {name: rule for name, rule in rules(ArchiveRetentionDays="400").items() if name not in rules()}
        assert [rule["Prefix"] for rule in added.values()] == [
            "workspace-exports/data/",
            "workspace-exports/manifests/",
            "workspace-exports/revoked/",
        ]
        assert all(rule["ExpirationInDays"] == "400" for rule in added.values())

    @pytest.mark.parametrize("tier", ["STANDARD_IA", "GLACIER_IR"])
    def test_files_move_and_manifests_stay(self, tier: str) -> None:
        added = {name: rule for name, rule in rules(DataTierDays="60", DataTier=tier).items() if name not in rules()}
        (rule,) = added.values()
        assert rule["Prefix"] == "workspace-exports/data/"
        assert rule["Transitions"] == [{"StorageClass": tier, "TransitionInDays": "60"}]
        assert TEMPLATE["Parameters"]["DataTier"]["AllowedValues"] == ["STANDARD_IA", "GLACIER_IR"], "read at once"

    @pytest.mark.parametrize(
        ("parameter", "value", "allowed"),
        [
            ("ArchiveRetentionDays", "0", True),
            ("ArchiveRetentionDays", "199", False),
            ("ArchiveRetentionDays", "200", True),
            ("ArchiveRetentionDays", "3650", True),
            ("ArchiveRetentionDays", "01000", False),
            ("DataTierDays", "0", True),
            ("DataTierDays", "29", False),
            ("DataTierDays", "30", True),
            ("DataTierDays", "365", True),
        ],
    )
    def test_nothing_goes_that_can_be_asked_for_again_nor_moves_too_early(
        self, parameter: str, value: str, *, allowed: bool
    ) -> None:
        assert bool(re.match(TEMPLATE["Parameters"][parameter]["AllowedPattern"], value)) is allowed


def granted() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that allows something to a role of this stack, whether its condition is true or not."""
    for name, resource in RESOURCES.items():
        properties = resource.get("Properties", {})
        documents = [properties.get("PolicyDocument", {}) if "::IAM::" in resource["Type"] else {}]
        documents += [p.get("PolicyDocument", p) for p in properties.get("Policies", []) if isinstance(p, dict)]
        for statement in (s for document in documents for s in document.get("Statement", [])):
            for branch in statement.get("Fn::If", [None, statement])[1:]:
                if "Action" in branch and branch["Effect"] != "Deny":
                    yield name, branch


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


GRANTED = list(granted())


class TestPermissions:
    @pytest.mark.parametrize("name", sorted({*FUNCTIONS, *MACHINES}))
    def test_no_role_has_a_policy_template_or_a_managed_policy_of_aws(self, name: str) -> None:
        """They are wider than they look: SAM's LambdaInvokePolicy ends in a wildcard, and takes one for a name."""
        for policy in RESOURCES[name]["Properties"].get("Policies", []):
            *version, kind = policy
            assert kind in {"Statement", "Ref", "Fn::If"}, policy
            assert version == (["Version"] if kind == "Statement" else [])
            assert policy.get("Version", "2012-10-17") == "2012-10-17"
            named = policy["Fn::If"][1] if kind == "Fn::If" else policy
            assert kind == "Statement" or RESOURCES[named["Ref"]]["Type"] == "AWS::IAM::ManagedPolicy"

    def test_every_role_is_looked_at(self) -> None:
        assert {name for name, _ in GRANTED} >= {
            *(FUNCTIONS.keys() - {"FetchFileFunction"}),
            "LandFiles",
            "ReadCredentials",
            "RunArchiveItems",
            "StartArchiveRunRole",
        }

    @pytest.mark.parametrize("name", sorted({name for name, _ in GRANTED}))
    def test_no_role_may_do_anything_or_to_everything(self, name: str) -> None:
        for statement in (s for owner, s in GRANTED if owner == name):
            assert statement["Effect"] == "Allow"
            assert not [action for action in as_list(statement["Action"]) if "*" in action]
            everything = "*" in as_list(statement["Resource"])
            assert everything is (name in WITHOUT_A_RESOURCE)

    @pytest.mark.parametrize("name", sorted(FUNCTIONS))
    def test_what_a_function_may_do_to_objects_is_below_one_prefix(self, name: str) -> None:
        for statement in (s for owner, s in GRANTED if owner == name):
            if [action for action in as_list(statement["Action"]) if "Object" in action]:
                places = [resource["Fn::Sub"] for resource in as_list(statement["Resource"])]
                assert all(place.startswith("${ArchiveBucket.Arn}/workspace-exports/") for place in places)

    @pytest.mark.parametrize(("name", "service"), WITHOUT_A_RESOURCE.items())
    def test_what_has_no_resource_is_granted_by_name_and_says_why(self, name: str, service: str) -> None:
        ((_, statement),) = [item for item in GRANTED if item[0] == name]
        assert all(action.startswith(service) for action in statement["Action"])
        users = [role for role, r in RESOURCES.items() if f"'Ref': '{name}'" in str(r.get("Properties"))]
        assert users == list(MACHINES)

    def test_each_role_has_the_templates_own_policies_only(self) -> None:
        own = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::IAM::ManagedPolicy"}
        for role in (*FUNCTIONS.values(), *MACHINES.values()):
            named = re.findall(r"'Ref': '(\w+)'", str([p for p in role["Policies"] if {"Ref", "Fn::If"} & p.keys()]))
            assert set(named) <= own
            assert not [policy for policy in role["Policies"] if isinstance(policy, str)]
            assert not role.keys() & {"Role", "ManagedPolicyArns"}

    def test_a_policy_under_a_condition_is_named_under_the_same(self) -> None:
        for role in (*FUNCTIONS.values(), *MACHINES.values()):
            for condition, policy, _ in (p["Fn::If"] for p in role["Policies"] if "Fn::If" in p):
                assert RESOURCES[policy["Ref"]].get("Condition") in {condition, None}


LOGGING: dict[str, Callable[[dict[str, Any]], object]] = {
    **dict.fromkeys(FUNCTIONS, lambda function: function["LoggingConfig"]["LogGroup"]["Ref"]),
    **dict.fromkeys(
        MACHINES,
        lambda machine: machine["Logging"]["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0],
    ),
}
GROUPS = sorted(name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Logs::LogGroup")


class TestPlanArchive:
    @pytest.mark.parametrize(
        ("targets", "project", "reads"),
        [("false", "", True), ("false", "0123", False), ("true", "", False), ("true", "0123", False)],
    )
    def test_reads_the_credentials_only_where_it_looks_up_the_project(
        self, targets: str, project: str, *, reads: bool
    ) -> None:
        deployed = Rendering(ArchiveTargets=targets, WorkspaceProjectId=project)
        policies = deployed.properties("PlanArchiveFunction")["Policies"]
        assert ({"Ref": "ReadCredentials"} in policies) is reads


class TestLogs:
    @pytest.mark.parametrize("name", LOGGING)
    def test_every_function_and_machine_has_a_group_of_its_own(self, name: str) -> None:
        assert LOGGING[name](RESOURCES[name]["Properties"]) == f"{name.removesuffix('Function')}Log"
        assert f"{name.removesuffix('Function')}Log" in GROUPS

    @pytest.mark.parametrize("name", GROUPS)
    @pytest.mark.parametrize("key", ["", KEY], ids=["CloudWatch's key", "own key"])
    def test_every_group_forgets_and_is_encrypted_as_asked(self, name: str, key: str) -> None:
        group = Rendering(LogRetentionDays="365", LogKeyArn=key).properties(name)
        assert group["RetentionInDays"] == "365"
        assert group.get("KmsKeyId", "") == key

    @pytest.mark.parametrize("name", MACHINES)
    def test_no_machine_logs_what_it_is_given(self, name: str) -> None:
        logging = MACHINES[name]["Logging"]
        assert (logging["IncludeExecutionData"], logging["Level"]) == (False, "ERROR")

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_functions_write_lines_that_can_be_searched(self, name: str) -> None:
        assert FUNCTIONS[name]["LoggingConfig"].keys() == {"LogGroup"}, "the rest is the same for all"
        shared = {"LogFormat": "JSON", "ApplicationLogLevel": {"Ref": "LogLevel"}}
        assert TEMPLATE["Globals"]["Function"]["LoggingConfig"] == shared


class TestTracing:
    @pytest.mark.parametrize(("asked", "on"), [("Disabled", False), ("Active", True)])
    def test_nothing_is_traced_unless_asked(self, asked: str, *, on: bool) -> None:
        assert TEMPLATE["Parameters"]["Tracing"]["Default"] == "Disabled"
        assert TEMPLATE["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
        deployed = Rendering(Tracing=asked)
        assert deployed.has("SendWorkflowTraces") is on
        for name in MACHINES:
            machine = deployed.properties(name)
            assert machine["Tracing"] == {"Enabled": on}
            assert ({"Ref": "SendWorkflowTraces"} in machine["Policies"]) is on


class TestConcurrency:
    RESERVING = ("StartExportFunction", "PollStatusFunction", "FetchFileFunction", "FetchFileOverHttpFunction")

    def test_nothing_is_reserved_unless_asked(self) -> None:
        assert not any("ReservedConcurrentExecutions" in Rendering().properties(name) for name in FUNCTIONS)

    def test_those_that_talk_to_the_vendor_get_what_is_asked(self) -> None:
        reserved = {
            name: Rendering(VendorConcurrency="5").properties(name).get("ReservedConcurrentExecutions")
            for name in FUNCTIONS
        }
        assert {name: number for name, number in reserved.items() if number} == dict.fromkeys(self.RESERVING, "5")


class TestTopics:
    def test_only_this_stacks_alarms_may_speak_by_the_alarms_policy(self) -> None:
        policy = RESOURCES["AlarmsPolicy"]["Properties"]
        assert policy["Topics"] == [{"Ref": "Alarms"}]
        (allowed,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert (allowed["Action"], allowed["Resource"]) == ("sns:Publish", {"Ref": "Alarms"})
        assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:${AWS::StackName}-*")

    def test_the_queue_refuses_plain_http(self) -> None:
        assert RESOURCES["RunsThatDidNotStartPolicy"]["Properties"]["Queues"] == [{"Ref": "RunsThatDidNotStart"}]
        assert denials("RunsThatDidNotStartPolicy") == {
            "NothingInTheClear": {
                "Action": "sqs:*",
                "Resource": {"Fn::GetAtt": ["RunsThatDidNotStart", "Arn"]},
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        }

    def test_on_the_topic_of_reports_the_policy_lets_nothing_speak(self) -> None:
        policy = RESOURCES["RunReportsPolicy"]["Properties"]
        assert policy["Topics"] == [{"Ref": "RunReports"}]
        assert {statement["Effect"] for statement in policy["PolicyDocument"]["Statement"]} == {"Deny"}

    @pytest.mark.parametrize("topic", ["RunReports", "Alarms"])
    def test_every_connection_is_encrypted(self, topic: str) -> None:
        assert denials(f"{topic}Policy") == {
            "NothingInTheClear": {
                "Action": "sns:Publish",
                "Resource": {"Ref": topic},
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        }

    def test_with_a_key_of_their_own_the_workflow_may_use_it(self) -> None:
        with_key, without = Rendering(TopicKeyArn=KEY), Rendering()
        assert with_key.properties("RunReports") == with_key.properties("Alarms") == {"KmsMasterKeyId": KEY}
        assert with_key.properties("UseTopicKey")["PolicyDocument"]["Statement"][0]["Resource"] == KEY
        assert {"Ref": "UseTopicKey"} in with_key.properties("ArchiveWorkflow")["Policies"]
        assert without.properties("RunReports") == without.properties("Alarms") == {}
        assert {"Ref": "UseTopicKey"} not in without.properties("ArchiveWorkflow")["Policies"]
