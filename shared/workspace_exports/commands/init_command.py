"""`init`: ask for the settings, check them, and write the configuration file; never a key."""

import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workspace_exports.client.regions import REGIONS
from workspace_exports.commands.common_options import Archive, Kinds, Project, kinds_of
from workspace_exports.commands.configuration import FILE_NAME
from workspace_exports.commands.doctor.doctor_display import show
from workspace_exports.commands.doctor.examination import examine
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.session import Session, archive_url, session_of
from workspace_exports.core.errors import Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.exports import EXPORTS

SAM_FILE = "samconfig.toml"
_SAM_SECTION = "[default.deploy.parameters]"
_SAM_NEW = f"""\
version = 0.1

{_SAM_SECTION}
stack_name = "workspace-exports"
template_file = "template.yaml"
resolve_s3 = true
capabilities = "CAPABILITY_IAM"
"""


class CredentialsPlace(StrEnum):
    """Place of the vendor's credentials."""

    ENVIRONMENT = "environment"
    PROFILE = "profile"
    SECRET = "secret"  # noqa: S105 - the name of a place


_WHERE = {
    CredentialsPlace.ENVIRONMENT: "Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK in the environment of every run.",
    CredentialsPlace.PROFILE: "The profile file is read at every run; keep it readable for its owner only.",
    CredentialsPlace.SECRET: "The secret is read from AWS at every run.",
}

Region = Annotated[
    str | None, typer.Option("--region", metavar="REGION", help="Region of the desktops, such as ap-southeast-3.")
]
Endpoint = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="Endpoint, for a region that is not known here.")
]
Credentials = Annotated[
    CredentialsPlace | None, typer.Option("--credentials", help="Place of the vendor's credentials.")
]
Source = Annotated[
    str | None, typer.Option("--source", metavar="FILE|ARN", help="The profile file, or the ARN of the AWS secret.")
]
Deploy = Annotated[
    bool, typer.Option("--deploy", help=f"Write the parameters of a deployment into {SAM_FILE} instead.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing, and write the file even if a check fails.")]


def write_configuration(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    region: Region = None,
    endpoint: Endpoint = None,
    project: Project = None,
    credentials: Credentials = None,
    source: Source = None,
    archive: Archive = None,
    kinds: Kinds = None,
    deploy: Deploy = False,
    force: Force = False,
    yes: Yes = False,
) -> None:
    """Ask for region, project, credentials' place, archive and kinds, check them, and write workspace-exports.toml.

    No key is asked for or written. Options answer the questions in advance. Exit code 1: a check failed.
    """
    session, ask = session_of(context), _Questions(silent=yes)
    file = Path(SAM_FILE if deploy else FILE_NAME)
    if file.exists() and not (force or deploy):
        raise Rejected(f"{file} is there already", advice="Give --force to replace it.")
    region = ask.text(region, "Region of the desktops", "--region", check=_check_region(endpoint))
    project = ask.text(project, "Project id (empty: looked up by region)", "--project", default="")
    if deploy:
        arn = ask.text(source, "ARN of the AWS secret with the vendor's credentials", "--source")
        _write_sam(file, {"WorkspaceRegion": region, "WorkspaceProjectId": project, "CredentialsSecretArn": arn})
        session.errors.print(f"Written: {file}. Next: make deploy", highlight=False, soft_wrap=True)
        return
    place = CredentialsPlace(
        ask.text(credentials, "Credentials: environment, profile or secret", "--credentials", default="environment")
    )
    archive = ask.text(archive, "Archive: a folder or s3://bucket/prefix", "--archive", default="archive")
    kinds = ask.text(kinds, "Kinds, separated by commas (empty: all)", "--kinds", default="", check=kinds_of)
    settings = {
        "WORKSPACE_REGION": region,
        "WORKSPACE_ENDPOINT": endpoint or "",
        "HUAWEICLOUD_SDK_PROJECT_ID": project,
        "ARCHIVE_URL": archive_url(archive),
        "ARCHIVE_KINDS": ",".join(kinds_of(kinds)),
        **_source(place, source, ask),
    }
    settings = {name: value for name, value in settings.items() if value}
    failures = _check(session, settings, kinds_of(kinds))
    if failures and not yes and not (sys.stdin.isatty() and typer.confirm("Write the file all the same?", err=True)):
        session.errors.print("Nothing was written.")
        raise typer.Exit(ExitCode.NOT_WELL)
    file.write_text("".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items()))
    session.errors.print(
        f"Written: {file}. {_WHERE[place]} Next: workspace-exports run", highlight=False, soft_wrap=True
    )
    raise typer.Exit(ExitCode.NOT_WELL if failures else ExitCode.WELL)


class _Questions:
    """Questions on the terminal, for what no option has answered."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def text(
        self,
        given: str | None,
        question: str,
        option: str,
        *,
        default: str | None = None,
        check: Callable[[str], object] = lambda _: None,
    ) -> str:
        """Return the answer that an option gave, or ask for it until it is right.

        Raises:
            Rejected: the option's answer is wrong, or there is no terminal to ask on.
        """
        if given is None and self._silent and default is not None:
            return default
        if given is not None:
            check(given)
            return given
        if self._silent or not sys.stdin.isatty():
            raise Rejected("There is no terminal to ask on", advice=f"Give {option}, or --yes for the defaults.")
        while True:
            answer = str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()
            try:
                check(answer)
            except Rejected as error:
                typer.echo(error.what, err=True)
            else:
                return answer


def _check_region(endpoint: str | None) -> Callable[[str], None]:
    def check(region: str) -> None:
        if region not in REGIONS and not endpoint:
            near = did_you_mean(region, REGIONS)
            raise Rejected(
                f"{region!r} is not a known region{near}: use one of {', '.join(sorted(REGIONS))}",
                advice="For any other, give --endpoint too.",
            )

    return check


def _source(place: CredentialsPlace, source: str | None, ask: _Questions) -> dict[str, str]:
    if place is CredentialsPlace.PROFILE:
        default = str(Path.home() / ".huaweicloud" / "credentials")
        return {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": ask.text(source, "Profile file", "--source", default=default)}
    if place is CredentialsPlace.SECRET:
        return {"WORKSPACE_CREDENTIALS_SECRET_ARN": ask.text(source, "ARN of the AWS secret", "--source")}
    return {}


def _check(session: Session, settings: Mapping[str, str], kinds: list[str]) -> int:
    environment = {**session.environment, **settings}
    wanted = [EXPORTS[kind] for kind in kinds or EXPORTS]
    return show(session.errors, examine(Situation(environment, wanted, settings["ARCHIVE_URL"])))


def _write_sam(file: Path, parameters: Mapping[str, str]) -> None:
    """Write the parameters into SAM's file, whose other lines stay.

    Raises:
        Rejected: the file has parameters already, or no section for them.
    """
    text = file.read_text(encoding="utf-8") if file.exists() else _SAM_NEW
    if "parameter_overrides" in text:
        raise Rejected(f"{file} has parameters already", advice="Change them there: parameter_overrides.")
    if _SAM_SECTION not in text:
        raise Rejected(f"{file} has no section {_SAM_SECTION}", advice="Add it, or move the file away.")
    listed = ", ".join(json.dumps(f"{name}={value}") for name, value in parameters.items() if value)
    file.write_text(
        text.replace(_SAM_SECTION, f"{_SAM_SECTION}\nparameter_overrides = [{listed}]", 1), encoding="utf-8"
    )
