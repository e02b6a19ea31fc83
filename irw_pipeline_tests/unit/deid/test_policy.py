from __future__ import annotations

import pytest

from irw_pipeline.deid.policy import known_policies, load_policy, parse_policy
from irw_pipeline.errors import PolicyError

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


def test_an_option_picks_its_column_and_compound_codes_resolve_to_the_valid_one() -> None:
    plain = {r.keyword: r.action for r in parse_policy("mine", HEAD).rules}
    dated = {
        r.keyword: r.action
        for r in parse_policy("mine", HEAD + "options: [retain_longitudinal_modified_dates]").rules
    }
    assert (plain["StudyDate"], dated["StudyDate"]) == ("Z", "C")
    assert plain["SeriesDate"] == "D"  # X/D
    assert plain["AcquisitionDate"] == "Z"  # X/Z
    assert plain["ReferencedImageSequence"] == "U"  # X/Z/U*


def test_the_hash_changes_with_a_rule_and_with_nothing_else() -> None:
    one = parse_policy("mine", HEAD)
    assert parse_policy("mine", HEAD + "\n# a comment\n").sha256 == one.sha256
    changed = parse_policy("mine", HEAD + "rules: [{keyword: Modality, action: K, why: x}]")
    assert changed.sha256 != one.sha256
