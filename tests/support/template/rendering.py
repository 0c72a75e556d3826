"""The template as a deployment with given parameters has it: conditions decided, parameters filled in."""

from typing import Any

from tests.support.template.document import TEMPLATE

_NONE = {"Ref": "AWS::NoValue"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f0f0f0f-0000-4000-8000-000000000000"


class Rendering:
    """What CloudFormation makes of the template; references to resources stay as they are."""

    template: dict[str, Any] = TEMPLATE

    def __init__(self, **parameters: str) -> None:
        declared = self.template["Parameters"]
        unknown = parameters.keys() - declared.keys()
        assert not unknown
        self.parameters: dict[str, Any] = {
            name: parameters.get(name, parameter.get("Default", "")) for name, parameter in declared.items()
        }

    def holds(self, condition: str) -> bool:
        decided = self._value(self.template["Conditions"][condition])
        assert isinstance(decided, bool), f"{condition} uses a function that is not known here"
        return decided

    def has(self, resource: str) -> bool:
        condition = self.template["Resources"][resource].get("Condition")
        return condition is None or self.holds(condition)

    def properties(self, resource: str) -> Any:
        assert self.has(resource)
        return self._value(self.template["Resources"][resource]["Properties"])

    def value(self, node: Any) -> Any:
        """Any other part of the template."""
        return self._value(node)

    def allowed(self, rule: str) -> bool:
        """Whether the parameters pass one of the template's Rules."""
        stated = self.template["Rules"][rule]
        if not self._value(stated["RuleCondition"]):
            return True
        return all(self._value(assertion["Assert"]) for assertion in stated["Assertions"])

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._value(item) for item in node if not self._is_left_out(item)]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, argument) = next(iter(node.items()))
            if (decide := getattr(self, f"_{function.replace('::', '_').lower()}", None)) is not None:
                return decide(argument)
        return {name: self._value(value) for name, value in node.items() if not self._is_left_out(value)}

    def _is_left_out(self, node: Any) -> bool:
        while isinstance(node, dict) and "Fn::If" in node:
            node = self._chosen(node["Fn::If"])
        return bool(node == _NONE)

    def _chosen(self, branches: list[Any]) -> Any:
        condition, yes, no = branches
        return yes if self.holds(condition) else no

    def _fn_if(self, branches: list[Any]) -> Any:
        return self._value(self._chosen(branches))

    def _fn_equals(self, sides: list[Any]) -> bool:
        one, other = (str(self._value(side)) for side in sides)
        return one == other

    def _fn_and(self, parts: list[Any]) -> bool:
        return all(self._value(part) for part in parts)

    def _condition(self, name: str) -> bool:
        return self.holds(name)

    def _fn_not(self, negated: list[Any]) -> bool:
        return not self._value(negated[0])

    def _fn_join(self, joined: list[Any]) -> Any:
        separator, parts = (self._value(part) for part in joined)
        if any(isinstance(part, dict) for part in parts):
            return {"Fn::Join": [separator, parts]}
        return str(separator).join(parts if isinstance(parts, list) else [parts])

    def _fn_eachmemberequals(self, compared: list[Any]) -> bool:
        members, value = (self._value(part) for part in compared)
        return all(member == value for member in str(members).split(","))

    def _ref(self, name: str) -> Any:
        return self.parameters.get(name, {"Ref": name})
