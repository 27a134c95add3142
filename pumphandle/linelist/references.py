"""FHIR resources of one bundle, and which of them a reference means: by address, by kind and id, or inside its own."""

# What JSON holds is of no type that a checker could know.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

OURS: Final = ("DiagnosticReport", "Observation", "Patient", "Specimen")
"""What results are read from; other resources are not looked at."""
WITH_STATUS: Final = ("DiagnosticReport", "Observation")
LEFT_OUT: Final = ("extension", "modifierExtension", "contained", "text", "meta")
"""Nothing of ours is read from these; a contained resource is read as one of its own."""
VERSION: Final = re.compile(r"/_history/[^/]*$")
RESTFUL: Final = re.compile(r"(?P<base>.*?)(?P<name>[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})$")


@dataclass(eq=False)
class Resource:
    """said : as it came; model : None where it breaks the rules, at `wrong`; mark : the same for the same content

    status : as it came, empty where none came; address : its fullUrl; inside : what it contains, by #id
    """

    kind: str
    said: Mapping[str, Any]
    address: str
    model: Any
    wrong: str
    mark: bytes
    inside: dict[str, "Resource"] = field(default_factory=dict[str, "Resource"])

    @property
    def status(self) -> str:
        status = self.said.get("status")
        return status.strip() if isinstance(status, str) else ""

    def names(self, field: str) -> Iterator[str]:
        """What a field refers to, of a resource that breaks the rules."""
        many = self.said.get(field)
        for one in many if isinstance(many, list) else []:
            if isinstance(one, dict) and isinstance(one.get("reference"), str):
                yield one["reference"]


class Shelf:
    """The resources of a bundle, in its order. Two that say the same are one for whoever refers to them."""

    def __init__(self) -> None:
        self._all: list[Resource] = []
        self._called: dict[str, list[Resource]] = {}

    def add(self, said: dict[str, Any], address: str) -> None:
        """A resource of a kind that we read, and what it contains; another is not kept."""
        if said.get("resourceType") not in OURS:
            return
        one = _resource(said, address)
        contained: Any = said.get("contained")
        for each in contained if isinstance(contained, list) else []:
            if isinstance(each, dict) and each.get("resourceType") in OURS:
                inner = _resource(each, address)
                inner.inside = one.inside
                one.inside[f"#{each.get('id')}"] = inner
        self._all.append(one)
        tail = RESTFUL.match(address)
        name = f"{one.kind}/{said['id']}" if said.get("id") else ""
        for called in {address, name, tail["name"] if tail else ""} - {""}:
            self._called.setdefault(called, []).append(one)

    def of(self, kind: str) -> Iterator[Resource]:
        return (one for one in self._all if one.kind == kind)

    def find(self, by: Resource, reference: str | None, kind: str) -> Resource | None:
        """What `by` refers to; None where the bundle does not hold it, holds another kind, or two that differ."""
        if reference is None:
            return None
        bare = VERSION.sub("", str(reference))
        home, far = RESTFUL.match(by.address), RESTFUL.match(bare)
        found = [by.inside[bare]] if bare in by.inside else []
        if not found and home and far and not far["base"]:  # relative to the server of who refers
            found = self._called.get(home["base"] + bare, [])
        found = found or self._called.get(bare, [])
        if not found and far:
            found = [one for one in self._called.get(far["name"], []) if not one.address]
        marks = {one.mark for one in found if one.kind == kind}
        return found[0] if len(marks) == 1 and all(one.kind == kind for one in found) else None


def _resource(said: dict[str, Any], address: str) -> Resource:
    kind = str(said["resourceType"])
    known = _bare({name: value for name, value in said.items() if name not in LEFT_OUT})
    if kind in WITH_STATUS and not (isinstance(said.get("status"), str) and said["status"].strip()):
        known["status"] = "unknown"  # that none came is held answer by answer, not as a breach
    wrong, model = _modified(said), None
    if not wrong:
        try:
            model = get_fhir_model_class(kind).model_validate(known)
        except ValidationError as fault:
            wrong = _place(fault)
        except (ValueError, TypeError, RecursionError):
            wrong = "its form"
    return Resource(kind, said, address, model, wrong, msgspec.json.encode(said))


def _place(fault: ValidationError) -> str:
    """The field, never its value."""
    told = ".".join(str(step) for step in fault.errors(include_input=False, include_url=False)[0]["loc"])
    return told if re.fullmatch(r"[A-Za-z0-9.]{1,80}", told) else "its form"


def _modified(said: dict[str, Any]) -> str:
    """What turns the meaning of the rest around, or contradicts it."""
    has_value = any(name.startswith("value") and value is not None for name, value in said.items())
    if has_value and said.get("dataAbsentReason") is not None:
        return "dataAbsentReason"
    without = {name: value for name, value in said.items() if name != "contained"}
    return "modifierExtension" if _has_modifier(without) else ""


def _has_modifier(value: Any) -> bool:
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return bool(pairs.get("modifierExtension")) or any(_has_modifier(one) for one in pairs.values())
    return isinstance(value, list) and any(_has_modifier(one) for one in list[Any](value))


def _bare(value: Any) -> Any:
    """Without extensions."""
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return {name: _bare(one) for name, one in pairs.items() if name != "extension" and not name.startswith("_")}
    if isinstance(value, list):
        many: list[Any] = value
        return [_bare(one) for one in many]
    return value
