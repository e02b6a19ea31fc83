"""A contract file (Open Data Contract Standard 3.1) as frozen dataclasses.

Reading is strict: a key that we do not know how to honour raises `ContractError`; it is never
skipped, since a rule that is silently ignored is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from irw_pipeline.contracts.rule_parsing import column_rules, table_rules
from irw_pipeline.contracts.rules import ForeignKey, RowRule, TableRule
from irw_pipeline.errors import ContractError
from irw_pipeline.ids import TableName

_SUFFIX = ".odcs.yaml"
_TOP_KEYS = {
    "apiVersion",
    "kind",
    "id",
    "name",
    "version",
    "status",
    "domain",
    "description",
    "schema",
    "tags",
    "customProperties",
}
_TABLE_KEYS = {"name", "physicalType", "description", "properties", "quality"}
_COLUMN_KEYS = {
    "name",
    "logicalType",
    "physicalType",
    "primaryKey",
    "primaryKeyPosition",
    "partitioned",
    "partitionKeyPosition",
    "required",
    "unique",
    "classification",
    "description",
    "relationships",
    "logicalTypeOptions",
    "quality",
}
_LOGICAL_OF_PHYSICAL = {
    "int64": "integer",
    "int32": "integer",
    "double": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
OWN_COHORT = "One row per member and image series of a cohort that the site declared."
CLASSIFICATIONS = ("identifier", "pseudonym", "deidentified", "public")


@dataclass(frozen=True)
class Column:
    """One column: its physical type, PHI class and what it holds."""

    name: str
    physical_type: str
    classification: str
    description: str
    required: bool
    partitioned: bool


@dataclass(frozen=True)
class Contract:
    """What a table promises; the one truth for columns, keys, checks and documentation."""

    table: TableName
    version: str
    purpose: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    row_rules: tuple[RowRule, ...]
    table_rules: tuple[TableRule, ...]

    @property
    def partition_by(self) -> tuple[str, ...]:
        """The Delta partition columns, in order."""
        return tuple(column.name for column in self.columns if column.partitioned)

    @property
    def foreign_tables(self) -> tuple[TableName, ...]:
        """Other tables whose keys the row rules look up, and that table rules read."""
        names = {
            rule.test.table
            for rule in self.row_rules
            if isinstance(rule.test, ForeignKey) and rule.test.table != self.table
        }
        names |= {name for rule in self.table_rules for name in rule.reads}
        return tuple(sorted(names))


def contracts_root() -> Path:
    """The folder of contract files: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "data_contracts"
    return beside if beside.is_dir() else package / "data_contracts"


def contract_names() -> list[TableName]:
    """Every table that has a contract, sorted."""
    root = contracts_root()
    return sorted(
        TableName(path.parent.name, path.name.removesuffix(_SUFFIX))
        for path in root.glob(f"*/*{_SUFFIX}")
    )


def load_contract(table: TableName) -> Contract:
    """Return the contract of a table; all cohorts share one, so a site's own needs no file.

    Raises:
        ContractError: There is no such file, or it is malformed.
    """
    path = contracts_root() / table.layer / f"{table.name}{_SUFFIX}"
    if table.layer == "cohort" and not path.is_file():  # a cohort of the site's own
        shipped = load_contract(TableName("cohort", "mammography"))
        rules = tuple(r for r in shipped.row_rules if r.name != "cohort_name.one_of")
        return replace(shipped, table=table, purpose=OWN_COHORT, row_rules=rules)
    if not path.is_file():
        raise ContractError(f"{table.layer}/{table.name}{_SUFFIX}", "the file does not exist")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _read(path: Path, _modified_ns: int) -> Contract:
    return read_contract(path)


def read_contract(path: Path) -> Contract:
    """Return the contract in a file, whose folder and name must say the same as its content.

    Raises:
        ContractError: The file is not YAML, or any part of it cannot be honoured.
    """
    label = f"{path.parent.name}/{path.name}"
    try:
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(label, "it is not valid YAML") from error
    table = TableName(path.parent.name, path.name.removesuffix(_SUFFIX))
    return parse_contract(document, table, label)


def parse_contract(document: object, table: TableName, label: str) -> Contract:
    """Return the contract in a parsed document; `label` names it in errors.

    Raises:
        ContractError: Any part of it cannot be honoured.
    """
    top, body, properties = _parts(document, table, label)
    columns: list[Column] = []
    rules: list[RowRule] = []
    unique: list[tuple[str, ...]] = []
    keys: list[tuple[int, str]] = []
    for entry in properties:
        raw = _mapping(entry, label, "a property")
        column = _column(raw, label)
        columns.append(column)
        rules.extend(column_rules(raw, column.name, column.physical_type, label))
        if raw.get("primaryKey"):
            keys.append((int(raw.get("primaryKeyPosition", len(keys) + 1)), column.name))
        elif raw.get("unique"):
            unique.append((column.name,))
    if len({column.name for column in columns}) != len(columns):
        raise ContractError(label, "a column name appears twice")
    primary_key = tuple(name for _, name in sorted(keys))
    if not primary_key:
        raise ContractError(label, "no property is a primaryKey")
    return Contract(
        table=table,
        version=str(top.get("version", "")),
        purpose=_purpose(top, body),
        columns=tuple(columns),
        primary_key=primary_key,
        row_rules=tuple(rules),
        table_rules=table_rules(body.get("quality") or [], primary_key, unique, label),
    )


def _parts(
    document: object, table: TableName, label: str
) -> tuple[Mapping[str, Any], Mapping[str, Any], list[Any]]:
    top = _mapping(document, label, "the document")
    _only(top, _TOP_KEYS, label, "the document")
    if not str(top.get("apiVersion", "")).startswith("v3."):
        raise ContractError(label, "apiVersion is not v3.x of the Open Data Contract Standard")
    if top.get("id") != str(table):
        raise ContractError(label, f"id is not {table}")
    schema = top.get("schema")
    if not isinstance(schema, list) or len(schema) != 1:
        raise ContractError(label, "schema does not hold exactly one table")
    body = _mapping(schema[0], label, "the table")
    _only(body, _TABLE_KEYS, label, "the table")
    properties = body.get("properties")
    if not isinstance(properties, list) or not properties:
        raise ContractError(label, "the table has no properties")
    return top, body, properties


def _column(raw: Mapping[str, Any], label: str) -> Column:
    name = str(raw.get("name", ""))
    _only(raw, _COLUMN_KEYS, label, f"property {name}")
    physical = str(raw.get("physicalType", ""))
    if physical not in _LOGICAL_OF_PHYSICAL:
        known = ", ".join(_LOGICAL_OF_PHYSICAL)
        raise ContractError(label, f"property {name}: physicalType is none of {known}")
    if raw.get("logicalType") != _LOGICAL_OF_PHYSICAL[physical]:
        raise ContractError(
            label, f"property {name}: logicalType is not {_LOGICAL_OF_PHYSICAL[physical]}"
        )
    classification = str(raw.get("classification", ""))
    if classification not in CLASSIFICATIONS:
        known = ", ".join(CLASSIFICATIONS)
        raise ContractError(label, f"property {name}: classification is none of {known}")
    description = str(raw.get("description", "")).strip()
    if not description:
        raise ContractError(label, f"property {name}: it has no description")
    return Column(
        name=name,
        physical_type=physical,
        classification=classification,
        description=description,
        required=bool(raw.get("required")) or bool(raw.get("primaryKey")),
        partitioned=bool(raw.get("partitioned")),
    )


def _purpose(top: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    description = top.get("description")
    text = description.get("purpose") if isinstance(description, Mapping) else description
    return str(text or body.get("description") or "").strip()


def _mapping(value: object, label: str, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ContractError(label, f"{what} is not a mapping")
    return value


def _only(raw: Mapping[str, Any], known: set[str], label: str, what: str) -> None:
    unknown: Sequence[str] = sorted(set(map(str, raw)) - known)
    if unknown:
        raise ContractError(label, f"{what} has keys we cannot check: {', '.join(unknown)}")
