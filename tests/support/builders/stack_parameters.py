"""The template's parameters in one deployment, each with another value than its default."""

from collections.abc import Mapping
from typing import Final

_ACCOUNT = "123456789012"
_KEY = f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/0f0f0f0f-0000-4000-8000-000000000000"
BOUNDARY: Final = f"arn:aws:iam::{_ACCOUNT}:policy/boundaries/workload"
SUBNETS: Final = ("subnet-0a1", "subnet-0b2")
GROUPS: Final = ("sg-0c3",)

ALL_ON: Final[Mapping[str, str]] = {
    "WorkspaceProjectId": "de30de30de30de30de30de30de30de30",
    "CredentialsKeyArn": _KEY,
    "ArchiveTargets": "true",
    "TargetSecretArns": f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:targets/*",
    "WorkspaceEndpoint": "https://workspace.example.com",
    "IamEndpoint": "https://iam.example.com",
    "ArchiveKeyArn": _KEY,
    "ArchiveTags": "team=audit&retention=7y",
    "ArchiveLockMode": "GOVERNANCE",
    "ArchiveLockDays": "365",
    "ArchiveRetentionDays": "400",
    "DataTierDays": "90",
    "DataTier": "STANDARD_IA",
    "EarlierVersionsDays": "30",
    "AccessLogBucket": "access-logs",
    "Schedule": "cron(0 5 * * ? *)",
    "ScheduleState": "DISABLED",
    "ExportsAtOnce": "2",
    "VendorConcurrency": "5",
    "PollShortestWaitSeconds": "10",
    "PollDeadlineSeconds": "7200",
    "VendorAttempts": "3",
    "DeleteAfterLanding": "true",
    "NoDataReasons": "nothing to export",
    "AlarmEmail": "team@example.com",
    "TopicKeyArn": _KEY,
    "HoursWithoutRun": "50",
    "AtRiskDays": "5",
    "LogLevel": "DEBUG",
    "LogRetentionDays": "365",
    "LogKeyArn": _KEY,
    "Tracing": "Active",
    "LogCallers": "true",
    "JwtIssuer": "https://login.example.com/",
    "JwtAudience": "archive,reports",
    "PermissionsBoundary": BOUNDARY,
    "SubnetIds": ",".join(SUBNETS),
    "SecurityGroupIds": ",".join(GROUPS),
}
"""Without those that must be given, the package's Architecture, and HttpApi: some of these are for the API."""
