from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from irw_pipeline.contracts.arrow import arrow_schema
from irw_pipeline.contracts.model import (
    Contract,
    contract_names,
    load_contract,
    parse_contract,
    read_contract,
)
from irw_pipeline.errors import ContractError
from irw_pipeline.ids import TableName
from irw_pipeline.lake.zones import ZONE_OF_LAYER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLE = TableName("omop", "thing")
Document = dict[str, Any]


def document() -> Document:
    """The least contract that holds one of each kind of rule."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "omop.thing",
        "name": "thing",
        "version": "1.2.3",
        "status": "active",
        "domain": "omop",
        "description": {"purpose": "One row per thing."},
        "schema": [
            {
                "name": "thing",
                "physicalType": "table",
                "properties": [
                    {
                        "name": "thing_id",
                        "logicalType": "integer",
                        "physicalType": "int64",
                        "primaryKey": True,
                        "classification": "pseudonym",
                        "description": "Key.",
                    },
                    {
                        "name": "code",
                        "logicalType": "string",
                        "physicalType": "string",
                        "partitioned": True,
                        "unique": True,
                        "classification": "public",
                        "description": "Code.",
                        "logicalTypeOptions": {"pattern": "^[A-Z]$", "maxLength": 1},
                        "relationships": [{"type": "foreignKey", "to": "omop.other.code"}],
                        "quality": [
                            {
                                "type": "library",
                                "metric": "invalidValues",
                                "arguments": {"validValues": ["A", "B"]},
                                "mustBe": 0,
                            },
                            {
                                "type": "custom",
                                "engine": "irw",
                                "implementation": {"rule": "not_in_future"},
                            },
                        ],
                    },
                ],
                "quality": [
                    {"type": "library", "metric": "rowCount", "mustBeGreaterThan": 0},
                    {
                        "type": "sql",
                        "name": "things_are_known",
                        "query": "SELECT count(*) FROM {table} AS t, omop.known AS k",
                        "mustBe": 0,
                    },
                ],
            }
        ],
    }


def parse(edited: Document) -> Contract:
    return parse_contract(edited, TABLE, "omop/thing.odcs.yaml")


def table(edited: Document) -> Document:
    body: Document = edited["schema"][0]
    return body


def column(edited: Document, index: int = 1) -> Document:
    entry: Document = table(edited)["properties"][index]
    return entry


def test_a_contract_says_all_that_the_document_says() -> None:
    contract = parse(document())
    assert contract.purpose == "One row per thing."
    assert contract.version == "1.2.3"
    assert contract.primary_key == ("thing_id",)
    assert contract.partition_by == ("code",)
    assert [rule.name for rule in contract.row_rules] == [
        "thing_id.not_null",
        "code.matches",
        "code.length",
        "code.one_of",
        "code.not_in_future",
        "code.refers_to_omop_other",
    ]
    assert [rule.name for rule in contract.table_rules] == [
        "primary_key_is_unique",
        "code_is_unique",
        "row_count",
        "things_are_known",
        "refused_share",
    ]
    assert list(map(str, contract.foreign_tables)) == ["omop.known", "omop.other"]


SQL = "SELECT count(*) FROM {table}"


def sql_rule(query: str) -> Document:
    return {"type": "sql", "name": "rule", "query": query, "mustBe": 0}


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(lambda d: d.update(sla=1), "keys we cannot check: sla", id="top key"),
        pytest.param(lambda d: d.update(apiVersion="v2.0"), "apiVersion", id="api version"),
        pytest.param(lambda d: d.update(id="omop.other"), "id is not omop.thing", id="id"),
        pytest.param(lambda d: d.update(schema=[]), "exactly one table", id="no table"),
        pytest.param(lambda d: table(d).update(rows=1), "check: rows", id="table key"),
        pytest.param(lambda d: table(d).update(properties=[]), "no properties", id="no column"),
        pytest.param(lambda d: column(d).update(uniqe=True), "check: uniqe", id="column key"),
        pytest.param(
            lambda d: column(d).update(logicalType="integer"), "logicalType", id="logical type"
        ),
        pytest.param(
            lambda d: column(d).update(physicalType="text"), "physicalType", id="physical type"
        ),
        pytest.param(
            lambda d: column(d).update(classification="secret"), "classification", id="PHI class"
        ),
        pytest.param(lambda d: column(d).pop("classification"), "classification", id="no class"),
        pytest.param(lambda d: column(d).pop("description"), "no description", id="undescribed"),
        pytest.param(
            lambda d: column(d).update(name="thing_id"), "appears twice", id="column twice"
        ),
        pytest.param(lambda d: column(d, 0).pop("primaryKey"), "primaryKey", id="no key"),
        pytest.param(
            lambda d: column(d)["logicalTypeOptions"].update(format="uuid"),
            "option format",
            id="option",
        ),
        pytest.param(
            lambda d: column(d, 0).update(logicalTypeOptions={"pattern": "^1"}),
            "pattern needs a string",
            id="pattern of a number",
        ),
        pytest.param(
            lambda d: column(d).update(logicalTypeOptions={"minimum": 1}),
            "need a number",
            id="minimum of a text",
        ),
        pytest.param(
            lambda d: column(d)["quality"].append({"type": "text", "description": "good"}),
            "quality rule we cannot check",
            id="column rule",
        ),
        pytest.param(
            lambda d: column(d)["quality"][1]["implementation"].update(rule="not_in_past"),
            "quality rule we cannot check",
            id="own column rule",
        ),
        pytest.param(
            lambda d: column(d)["relationships"][0].update(to="other.code"),
            "layer.table.column",
            id="relationship",
        ),
        pytest.param(
            lambda d: table(d)["quality"].append({"type": "library", "metric": "nullValues"}),
            "of the table that we cannot check",
            id="table rule",
        ),
        pytest.param(
            lambda d: table(d)["quality"][0].pop("mustBeGreaterThan"), "bound", id="no bound"
        ),
        pytest.param(
            lambda d: table(d)["quality"].append(sql_rule(f"{SQL}; {SQL}")),
            "single SELECT",
            id="two statements",
        ),
        pytest.param(
            lambda d: table(d)["quality"].append(sql_rule("DELETE FROM {table}")),
            "single SELECT",
            id="a statement that writes",
        ),
        pytest.param(
            lambda d: table(d)["quality"].append(sql_rule("SELEKT 1")), "not SQL", id="not SQL"
        ),
    ],
)
def test_what_cannot_be_honoured_is_named(edit: Callable[[Document], object], problem: str) -> None:
    """A rule that is silently ignored is worse than none: it is believed to hold."""
    edited = deepcopy(document())
    edit(edited)
    with pytest.raises(ContractError, match=re.escape(problem)) as raised:
        parse(edited)
    assert raised.value.path == "omop/thing.odcs.yaml"


@pytest.mark.parametrize("broken", [None, [], "text", {"schema": "x"}])
def test_a_document_of_another_shape_is_a_contract_error(broken: object) -> None:
    with pytest.raises(ContractError):
        parse_contract(broken, TABLE, "omop/thing.odcs.yaml")


def test_a_file_that_is_no_yaml_or_does_not_exist_is_a_contract_error(tmp_path: Path) -> None:
    path = tmp_path / "omop" / "thing.odcs.yaml"
    path.parent.mkdir()
    path.write_text("a: [")
    with pytest.raises(ContractError, match="not valid YAML"):
        read_contract(path)
    with pytest.raises(ContractError, match="does not exist"):
        load_contract(TABLE)


SHIPPED = [pytest.param(name, id=str(name)) for name in contract_names()]
RESEARCH = [
    pytest.param(name, id=str(name))
    for name in contract_names()
    if ZONE_OF_LAYER[name.layer] == "research"
]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_contract_says_what_each_column_is(name: TableName) -> None:
    contract = load_contract(name)
    assert contract.table == name
    assert contract.purpose.startswith("One row"), "the first sentence is the grain"
    assert all(column.description and column.classification for column in contract.columns)
    assert name.layer in ZONE_OF_LAYER
    schema = arrow_schema(contract)
    assert schema.names == [column.name for column in contract.columns]
    assert not any(schema.field(key).nullable for key in contract.primary_key)


@pytest.mark.parametrize("name", RESEARCH)
def test_no_identifier_is_promised_to_researchers(name: TableName) -> None:
    """`identifier` columns live in the restricted zone, the vault and the quarantine only."""
    columns = load_contract(name).columns
    assert [column.name for column in columns if column.classification == "identifier"] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_reference_leads_to_a_column_that_exists(name: TableName) -> None:
    """A foreign key to a table that nobody makes would quarantine every row."""
    for rule in load_contract(name).row_rules:
        target = getattr(rule.test, "table", None)
        if target is not None:
            columns = [column.name for column in load_contract(target).columns]
            assert getattr(rule.test, "column", "") in columns


def test_a_cohort_of_the_sites_own_needs_no_contract_file() -> None:
    """All cohorts share their columns; only the list of shipped names does not hold for it."""
    own = load_contract(TableName("cohort", "of_our_own"))
    shipped = load_contract(TableName("cohort", "mammography"))
    assert (own.columns, own.table_rules) == (shipped.columns, shipped.table_rules)
    assert {r.name for r in shipped.row_rules} - {r.name for r in own.row_rules} == {
        "cohort_name.one_of"
    }
