"""`policy`: the vendor's IAM policy for the chosen kinds."""

import typer

from workspace_exports.commands.common_options import Kinds, configured_kinds
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.exports import EXPORTS
from workspace_exports.exports.actions import DELETE_TASKS, NoAction

_VERSION = "1.1"
"""Version of a policy with actions, as the vendor's IAM reference demands it of a custom policy."""


def print_policy(context: typer.Context, *, kinds: Kinds = None) -> None:
    """Print a custom policy for the vendor's IAM console, with the actions that the kinds need.

    Kinds whose action the vendor does not document are named on standard error.
    """
    session = session_of(context)
    chosen = configured_kinds(kinds, session.environment) or list(EXPORTS)
    actions = {action for kind in chosen for action in EXPORTS[kind].delivery.actions}
    if session.environment.get("DELETE_AFTER_LANDING", "").lower() in {"true", "1", "yes", "on"}:
        actions.add(DELETE_TASKS)
    found = {kind: EXPORTS[kind].action for kind in chosen}
    actions |= {action for action in found.values() if isinstance(action, str)}
    print_json({"Version": _VERSION, "Statement": [{"Effect": "Allow", "Action": sorted(actions)}]})
    unknown = [kind for kind, action in found.items() if action is NoAction.DOCUMENTED]
    if unknown:
        session.errors.print(
            f"The vendor documents no action for {', '.join(unknown)}: if it refuses them, its error names the action.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
