"""Fills a template's functions (Ref, Fn::Sub, Fn::If, …) with a deployed stack's values.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tonearm.errors import OperatorError

NO_VALUE: Final = object()
_PLACE: Final = re.compile(r"\$\{(!?)([^}]+)\}")

type Attribute = Callable[[str, str], str]


class Resolver:
    """Resolves the nodes of one template.

    Args:
        template: its conditions and mappings are read.
        refs: what each Ref gives: parameters, pseudo parameters, physical ids.
        attribute: gives the attribute of a logical id.
    """

    def __init__(
        self, template: Mapping[str, Any], refs: Mapping[str, Any], attribute: Attribute
    ) -> None:
        self._conditions = template.get("Conditions", {})
        self._mappings = template.get("Mappings", {})
        self._refs = refs
        self._attribute = attribute
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self.holds,
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": lambda node: node[0].join(str(one) for one in self(node[1])),
            "Fn::Split": lambda node: str(self(node[1])).split(node[0]),
            "Fn::Select": lambda node: self(node[1])[int(self(node[0]))],
            "Fn::FindInMap": self._find_in_map,
            "Fn::Equals": lambda node: str(self(node[0])) == str(self(node[1])),
            "Fn::Not": lambda node: not self(node[0]),
            "Fn::And": lambda node: all(self(one) for one in node),
            "Fn::Or": lambda node: any(self(one) for one in node),
        }

    def __call__(self, node: Any) -> Any:
        """The node with every function resolved; what is AWS::NoValue is left out.

        Raises:
            OperatorError: it uses a function or name that is not known here.
        """
        if isinstance(node, Mapping):
            if len(node) == 1 and (name := next(iter(node))) in self._functions:
                return self._functions[name](node[name])
            pairs = ((key, self(value)) for key, value in node.items())
            return {key: value for key, value in pairs if value is not NO_VALUE}
        if isinstance(node, list):
            return [value for value in map(self, node) if value is not NO_VALUE]
        return node

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true for this stack."""
        return bool(self(self._conditions[condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name not in self._refs:
            raise _unknown(name)
        return self._refs[name]

    def _get_att(self, node: Any) -> str:
        logical, attribute = node.split(".", 1) if isinstance(node, str) else node
        return self._attribute(logical, attribute)

    def _sub(self, node: Any) -> str:
        text, own = (node, {}) if isinstance(node, str) else node

        def value(found: "re.Match[str]") -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(self(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _PLACE.sub(value, text)

    def _if(self, node: list[Any]) -> Any:
        condition, then, otherwise = node
        return self(then if self.holds(condition) else otherwise)

    def _find_in_map(self, node: list[Any]) -> Any:
        name, first, second, *rest = (self(one) for one in node)
        found = self._mappings.get(name, {}).get(first, {})
        if second in found:
            return found[second]
        if rest:
            return rest[0]["DefaultValue"]
        raise _unknown(f"{name}.{first}.{second}")


def _unknown(name: str) -> OperatorError:
    return OperatorError(f"the deployed template names {name}, which the stack does not have")
