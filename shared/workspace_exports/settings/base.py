"""How settings are read, whatever they are about; secrets are hidden from every repr."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from workspace_exports.errors import Misconfigured


class Settings(BaseModel):
    """The aliases are the names in the environment."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in that environment; an empty variable counts as absent.

        Raises:
            Misconfigured: something is missing or wrong; the text names the variables, never their values.
        """
        try:
            return cls.model_validate({name: value for name, value in environment.items() if value})
        except ValidationError as error:
            raise Misconfigured("; ".join(map(_fault, error.errors(include_input=False)))) from None


def _fault(detail: ErrorDetails) -> str:
    name = detail["loc"][0]
    return f"{name} is missing" if detail["type"] == "missing" else f"{name}: {detail['msg']}"
