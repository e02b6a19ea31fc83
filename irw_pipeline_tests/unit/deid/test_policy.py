from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from irw_pipeline.deid.policy.options import OPTION_COLUMNS
from irw_pipeline.deid.policy.policy import known_policies, load_policy, parse_policy
from irw_pipeline.deid.policy.rule_table import RuleTables
from irw_pipeline.deid.policy.rules import Kind
from irw_pipeline.errors import PolicyError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
policy: mine
version: "1"
base: ps3_15_2026d
unlisted: {text: clean, date: shift, other: keep, private: remove}
"""


@pytest.mark.parametrize("name", known_policies())
def test_every_shipped_policy_loads_and_every_rule_says_why(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    assert len(policy.rules) > 600
    assert all(rule.why for rule in policy.rules)
    assert len(policy.sha256) == 64


def test_the_four_policies_ship() -> None:
    assert known_policies() == ["limited_dataset", "research", "safe_harbor", "strict"]


def test_an_unknown_policy_names_the_known_ones() -> None:
    with pytest.raises(PolicyError, match="limited_dataset, research, safe_harbor, strict"):
        load_policy("../research")


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("rules: [{keyword: PatientID, action: D}]", "has no why"),
        ("rules: [{keyword: PatientIDD, action: D, why: x}]", "unknown keyword PatientIDD"),
        ("rules: [{keyword: PatientID, action: Q, why: x}]", "unknown action"),
        ("rules: [{keyword: PatientID, action: D, using: magic, why: x}]", "unknown cleaner"),
        ("rules: [{keyword: PatientID, action: D, why: x, because: y}]", "has only the keys"),
        ("options: [retain_everything]", "unknown options"),
        (
            "options: [retain_longitudinal_full_dates, retain_longitudinal_modified_dates]",
            "exclude each other",
        ),
        ("overlays: [{when: {weekday: monday}, rules: []}]", "one or more of modality"),
        ("overlays: [{when: {modality: []}, rules: []}]", "no value for modality"),
        ("overlays: [{when: {modality: MR}}]", "an overlay has the keys"),
        ("overlays: [{when: {modality: MR}, rules: [{keyword: Modality, action: K}]}]", "no why"),
        ("colour: blue", "only the keys"),
        ("rules: [", "is not YAML"),
    ],
)
def test_a_malformed_policy_is_refused(rules: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        parse_policy("mine", HEAD + rules)


def test_silence_about_unlisted_attributes_is_refused() -> None:
    with pytest.raises(PolicyError, match="unlisted must state"):
        parse_policy("mine", "policy: mine\nbase: ps3_15_2026d\nunlisted: {text: clean}")


def test_an_option_picks_its_column_and_compound_codes_wait_for_the_iod() -> None:
    plain = {r.keyword: r.action for r in parse_policy("mine", HEAD).rules}
    dated = {
        r.keyword: r.action
        for r in parse_policy("mine", HEAD + "options: [retain_longitudinal_modified_dates]").rules
    }
    assert (plain["StudyDate"], dated["StudyDate"]) == ("Z", "C")
    assert (plain["SeriesDate"], dated["SeriesDate"]) == ("X/D", "C")
    assert plain["ReferencedImageSequence"] == "X/Z/U*"


@pytest.mark.parametrize("option", sorted(OPTION_COLUMNS))
def test_every_option_can_be_chosen_changes_the_table_and_is_coded(option: str) -> None:
    plain, chosen = parse_policy("mine", HEAD), parse_policy("mine", HEAD + f"options: [{option}]")
    changed = set(chosen.flatten()) - set(plain.flatten())
    assert len(changed) > 1  # the option's own row, and what it does
    assert [code for code, _ in chosen.codes if code not in dict(plain.codes)] != []


def test_the_hash_changes_with_a_rule_and_with_nothing_else() -> None:
    one = parse_policy("mine", HEAD)
    assert parse_policy("mine", HEAD + "\n# a comment\n").sha256 == one.sha256
    changed = parse_policy("mine", HEAD + "rules: [{keyword: Modality, action: K, why: x}]")
    assert changed.sha256 != one.sha256


CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
PROTOCOL_NAME = 0x00181030
PROJECT = """
project: heart
version: "3"
options: [retain_device_identity]
rules: [{keyword: ProtocolName, action: K, why: the protocol is the study arm}]
overlays:
  - when: {modality: [MR, PT], manufacturer: siemens}
    rules: [{keyword: ProtocolName, action: X, why: this vendor writes the operator here}]
  - when: {sop_class: 1.2.840.10008.5.1.4.1.1.2*}
    rules: [{keyword: ProtocolName, action: Z, why: not needed}]
"""


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (Kind(MR, "MR", "SIEMENS Healthineers"), "X"),
        (Kind(MR, "MR", "GE MEDICAL SYSTEMS"), "K"),
        (Kind(MR, "US", "SIEMENS"), "K"),
        (Kind(CT, "CT", ""), "Z"),
        (Kind(CT + ".1", "MR", "Siemens"), "Z"),
        (Kind(), "K"),
    ],
)
def test_an_overlay_holds_for_its_kind_only_and_the_later_one_wins(
    kind: Kind, action: str, tmp_path: Path
) -> None:
    (tmp_path / "heart.yaml").write_text(PROJECT)
    policy = load_policy(f"research+{tmp_path}/heart.yaml")
    rule = RuleTables(policy).of(kind).rule(PROTOCOL_NAME)
    assert rule is not None
    assert rule.action == action


def test_a_project_file_is_part_of_name_options_table_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "heart.yaml"
    path.write_text(PROJECT)
    research, policy = load_policy("research"), load_policy(f"research+{path}")
    assert (policy.name, policy.version) == ("research+heart", f"{research.version}+3")
    assert ("113109", "Retain Device Identity Option") in policy.codes
    shown = [row for row in policy.flatten() if row[1] == "ProtocolName"]
    assert [(row[2], row[4]) for row in shown] == [
        ("K", ""),
        ("X", "modality is MR or PT; manufacturer is siemens"),
        ("Z", "sop_class is 1.2.840.10008.5.1.4.1.1.2*"),
    ]
    path.write_text(PROJECT.replace("manufacturer: siemens", "manufacturer: philips"))
    assert load_policy(f"research+{path}").sha256 != policy.sha256 != research.sha256
    # what the policy itself says goes before the column of an option that the project adds
    serial = next(rule for rule in policy.rules if rule.keyword == "DeviceSerialNumber")
    assert (serial.action, serial.using) == ("D", "token")


def test_a_policy_of_ones_own_is_a_file_and_a_file_that_is_not_there_is_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.yaml").write_text(HEAD)
    assert load_policy(str(tmp_path / "mine.yaml")).name == "mine"
    with pytest.raises(PolicyError, match=r"other\.yaml: cannot be read"):
        load_policy(f"research+{tmp_path}/other.yaml")
