"""Base class of all settings. Secrets are hidden from every repr."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from workspace_exports.core.errors import Misconfigured
from workspace_exports.network.variables import value_of
from workspace_exports.runtime.settings.spelling import like_ours, refuse_misspelt


class Settings(BaseModel):
    """Base class of settings; the aliases of the fields are the names in the environment."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in that environment; an empty variable counts as absent.

        They are validated again only after a change.

        Raises:
            Misconfigured: a variable is missing, wrong or misspelt; the text names the variables, not their values.
        """
        names = _names(cls)
        if unknown := like_ours(environment.keys() - names, names):
            refuse_misspelt(unknown, names)
        return cast("Self", _checked(cls, tuple(value_of(environment, name) for name in names)))


@lru_cache
def _names(settings: type[Settings]) -> tuple[str, ...]:
    return tuple(str(field.alias) for field in settings.model_fields.values())


@lru_cache
def _checked(settings: type[Settings], values: tuple[str, ...]) -> Settings:
    given = {name: value for name, value in zip(_names(settings), values, strict=True) if value}
    try:
        return settings.model_validate(given)
    except ValidationError as error:
        raise Misconfigured("; ".join(map(_fault, error.errors(include_input=False)))) from None


def _fault(detail: ErrorDetails) -> str:
    name = detail["loc"][0]
    if detail["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {detail['msg'].removeprefix('Value error, ')}"
