"""The shapes of the interface's JSON, as JSON Schema; the description of the interface refers to them by name."""

from collections.abc import Mapping
from typing import Any, Final

from pumphandle.publication.edition import Shown, State
from pumphandle.publication.map_values import DAY_COLUMNS
from pumphandle.publication.tables import FIGURE_COLUMNS
from pumphandle.vocabulary.places import AreaLevel

Schema = Mapping[str, Any]

DAY: Final = {"type": "string", "format": "date"}
TEXT: Final = {"type": "string"}
WHOLE: Final = {"type": "integer"}
WHOLE_OR_NONE: Final = {"type": ["integer", "null"]}
NUMBER_OR_NONE: Final = {"type": ["number", "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: Mapping[str, Schema], **more: Schema) -> Schema:
    """An object with these members; those of `more` may be absent."""
    return {"type": "object", "properties": {**required, **more}, "required": list(required)}


def listed(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def enveloped(data: Schema) -> Schema:
    """Which release, the data, where to go next."""
    links = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
    return record({"release": ref("Release"), "data": data, "links": links})


_STATE: Final = {"type": "string", "enum": [state.value for state in State]}
_FIGURE: Final = record(
    {"state": _STATE},
    estimate={"type": "number"},
    low={"type": "number"},
    high={"type": "number"},
    rate={"type": "number"},
    since=DAY,
)
_WINDOW: Final = record({"measure": TEXT, "state": _STATE, "first_day": DAY}, last_day=DAY, release_id=TEXT)
_ROW: Final = {
    "type": "object",
    "properties": {name: {} for name in FIGURE_COLUMNS} | {"state": _STATE, "area_code": TEXT},
    "additionalProperties": False,
}
_LEG: Final = record(
    {
        **{"as_of": DAY, "first_day": DAY, "area_code": TEXT},
        "stage": {"enum": ["result", "routed", "available", "opened", "acknowledged"]},
        "unit": {"enum": ["days", "hours"]},
        **dict.fromkeys(("may_take", "median", "p95"), WHOLE_OR_NONE),
        **dict.fromkeys(("no_package", "packages", "done", "same_day", "in_time", "waiting", "late"), WHOLE_OR_NONE),
    }
)
_MAP: Final = record(
    {
        "measure": {"enum": [shown.value for shown in Shown]},
        "unit": TEXT,
        "labels": listed(TEXT),
        "days": listed(DAY),
        "classes": listed(TEXT),
        "areas": {"type": "array"},
    }
)

SCHEMAS: Final[Mapping[str, Schema]] = {
    "Problem": record(
        {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT}, parameter=TEXT, allowed=TEXT, reference=TEXT
    ),
    "FormerProblem": record({"response": TEXT, "status_code": WHOLE, "status": TEXT}),
    "Release": record(
        {
            "release_id": TEXT,
            "sequence": {"type": "integer", "minimum": 1},
            "as_of": DAY,
            "made_at": {"type": "string", "format": "date-time"},
            "hash": TEXT,
            "rule": {"type": "object"},
        }
    ),
    "Area": enveloped(
        record(
            {
                "area": record(
                    {
                        "code": TEXT,
                        "level": {"enum": [level.value for level in AreaLevel]},
                        "name": TEXT,
                        "published_with": listed(TEXT),
                    }
                ),
                "state": _STATE,
                "seven_days": record({"from": DAY, "to": DAY, **{shown.value: _FIGURE for shown in Shown}}),
                "open_windows": listed(_WINDOW),
                "windows": listed(_WINDOW),
                "windows_before": {"type": "object", "additionalProperties": WHOLE},
                "inside": listed(TEXT),
            }
        )
    ),
    "Areas": enveloped(record({"areas": listed(_ROW), "total": WHOLE})),
    "Rows": enveloped(record({"rows": listed({"type": "object"}), "total": WHOLE})),
    "Map": enveloped(_MAP),
    "Day": enveloped(record({"day": DAY, "areas": listed(TEXT), **{name: {"type": "array"} for name in DAY_COLUMNS}})),
    "Releases": enveloped(record({"releases": listed(ref("Release"))})),
    "Changes": enveloped(
        record(
            {
                "from": ref("Release"),
                "to": ref("Release"),
                "cells": {"type": "object", "additionalProperties": WHOLE},
                "everywhere": listed(record({"reason": TEXT, "first_day": DAY, "last_day": DAY})),
                "changes": listed(
                    record({"area_code": TEXT, "measure": TEXT, "reason": TEXT, "first_day": DAY, "last_day": DAY})
                ),
                "total": WHOLE,
                "reasons": {"type": "object", "additionalProperties": TEXT},
            }
        )
    ),
    "Columns": enveloped(
        record({"columns": listed(record({"file": TEXT, "column": TEXT, "unit": TEXT, "meaning": TEXT}))})
    ),
    "Deliveries": enveloped(record({"legs": listed(_LEG)})),
    "Collection": record(
        {"type": {"const": "FeatureCollection"}, "about": ref("Release"), "features": {"type": "array"}}
    ),
    "Log": enveloped(record({"entries": listed(record(dict.fromkeys(("at", "kind", "title", "detail"), TEXT)))})),
    "Register": record({name: listed({"type": "object"}) for name in ("holds", "outcomes", "recalls")}),
    "Sealed": {"type": "object"},
    "FormerPage": record(
        {"length": WHOLE, "maxPageLimit": WHOLE, "totalRecords": WHOLE, "data": listed({"type": "object"})},
        pagination={"type": "object"},
    ),
    "Timestamp": record({"websiteTimestamp": TEXT}),
    "Names": record({"about": listed(TEXT), "figures": listed(TEXT), "areaTypes": listed(TEXT)}),
    "Described": {"type": "object"},
}
