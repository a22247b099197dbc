"""Who may call: the credentials that operations ask for, and the schemes behind them (OAS 3.1.1 §4.8.27, §4.8.30).

Rule of this file: requirements are alternatives, the schemes and scopes in one of them all count. What was enough is
enough where a new requirement asks for no more of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._checking.contract import Contract
from .._document import openapi
from .._document.document import Node
from .._document.operation_ids import dict_of, mapping_of
from .findings import WHOLE, Findings

Requirement = Mapping[str, frozenset[str]]  # scheme to scopes


def requirements(contract: Contract, operation: openapi.Operation) -> list[Requirement]:
    """The ways to show who calls; none: nobody is asked."""
    declared = operation.node.value.get("security", contract.document.root.get("security"))
    found = [each for each in declared if isinstance(each, dict)] if isinstance(declared, list) else []
    return [{key: frozenset(map(str, scopes or ())) for key, scopes in each.items()} for each in found]


def operation_security(findings: Findings, old: openapi.Operation, new: openapi.Operation) -> None:
    """What became necessary to call an operation, and what is not any more."""
    before, after = requirements(findings.old, old), requirements(findings.new, new)

    def tell(code: str, message: str) -> None:
        findings.tell(code, new.id, "security", message, new.node)

    if not before or {} in before:
        if after and {} not in after:
            tell("security-required", f"a credential became necessary: {' or '.join(map(_words, after))}")
        return
    if not after or {} in after:
        tell("security-dropped", "no credential is necessary any more")
        return
    for way in before:
        if any(_is_enough(way, other) for other in after):
            continue
        same = next((other for other in after if other.keys() <= way.keys()), None)
        if same is None:
            tell("security-removed", f"{_words(way)} is not enough any more")
        for scope in sorted(scope for key in same or () for scope in (same or {})[key] - way[key]):
            tell("security-scope-added", f"the scope {scope} became necessary")
    for way in after:
        if any(way == other for other in before):
            continue
        same = next((other for other in before if other.keys() == way.keys()), None)
        if same is None:
            tell("security-added", f"{_words(way)} is enough")
        for scope in sorted(scope for key in same or () for scope in (same or {})[key] - way[key]):
            tell("security-scope-removed", f"the scope {scope} is not necessary any more")


def _is_enough(had: Requirement, required: Requirement) -> bool:
    return all(key in had and scopes <= had[key] for key, scopes in required.items())


def _words(way: Requirement) -> str:
    return " and ".join(sorted(way)) or "nothing"


# --- schemes -------------------------------------------------------------------------------------


def schemes(findings: Findings) -> None:
    """Schemes by name: a change matters to the operations that ask for it, and to nobody where there are none."""
    old, new = _declared(findings.old), _declared(findings.new)
    for key, node in old.items():
        operations = tuple(_users(findings.old, key))
        if key not in new:
            findings.tell("security-scheme-removed", WHOLE, f"security.{key}", f"{key} is not declared any more", node, old=True)
        elif not operations:
            if _facts(node) != _facts(new[key]) or _flows(node) != _flows(new[key]):
                findings.tell("component-changed", WHOLE, f"security.{key}", f"{key}, which nothing asks for", new[key])
        else:
            _scheme(findings, operations, key, node, new[key])
    for key, node in new.items():
        if key not in old:
            findings.tell("security-scheme-added", WHOLE, f"security.{key}", f"{key} is new", node)


def _scheme(findings: Findings, operations: tuple[str, ...], key: str, old: Node, new: Node) -> None:
    facts = _facts(old), _facts(new)
    path = f"security.{key}"
    if facts[0] != facts[1]:
        shown = [" ".join(filter(None, each)) for each in facts]
        findings.tell("security-scheme-changed", operations, path, " → ".join(shown), new, witness=shown[0])
        return
    before, after = _flows(old), _flows(new)
    for name in before.keys() - after.keys():
        message = f"the flow {name} is gone"
        findings.tell("security-flow-removed", operations, path, message, new, witness=f"{key}: {name}")
    for name in after.keys() - before.keys():
        findings.tell("security-flow-added", operations, path, f"the flow {name} is new", new)
    for name in sorted(before.keys() & after.keys()):
        _flow(findings, operations, f"{path}.{name}", before[name], after[name], new)


def _flow(
    findings: Findings, operations: tuple[str, ...], path: str, old: Mapping[str, Any], new: Mapping[str, Any], node: Node
) -> None:
    for field in sorted(set(old) | set(new) - {"scopes"}):
        if field.endswith("Url") and old.get(field) != new.get(field):
            message = f"{field} {old.get(field, 'none')} → {new.get(field, 'none')}"
            findings.tell("security-url-changed", operations, path, message, node)
    mine, theirs = dict_of(old.get("scopes")), dict_of(new.get("scopes"))
    for scope in (scope for scope in mine if scope not in theirs):
        findings.tell("security-scope-undeclared", operations, path, f"the scope {scope} is not declared any more", node)
    for scope in (scope for scope in theirs if scope not in mine):
        findings.tell("security-scope-declared", operations, path, f"the scope {scope} is new", node)


def _declared(contract: Contract) -> dict[str, Node]:
    components = contract.document.node.get("components")
    declared = components.get("securitySchemes") if components else None
    known = contract.openapi.security_schemes  # those that can be read
    return {key: node.resolve() for key, node in (declared.children() if declared else ()) if key in known}


def _users(contract: Contract, key: str) -> Iterator[str]:
    root = contract.document.root.get("security")
    for entry in contract.openapi.entries.values():
        declared = entry.node.value.get("security", root)
        if isinstance(declared, list) and any(isinstance(each, dict) and key in each for each in declared):
            yield entry.id


def _facts(node: Node) -> tuple[str, ...]:
    """What tells how a credential is shown; a scheme's name has no case (RFC 9110 §11.1)."""
    declared = mapping_of(node)
    scheme = str(declared.get("scheme") or "").lower()
    return str(declared.get("type") or ""), scheme, str(declared.get("name") or ""), str(declared.get("in") or "")


def _flows(node: Node) -> dict[str, Mapping[str, Any]]:
    """The OAuth flows by name; OpenID Connect's address as one of them."""
    declared = mapping_of(node)
    flows = {str(name): dict_of(flow) for name, flow in dict_of(declared.get("flows")).items()}
    if "openIdConnectUrl" in declared:
        flows["openIdConnect"] = {"openIdConnectUrl": declared["openIdConnectUrl"]}
    return flows
