from __future__ import annotations

from pathlib import Path

import pytest

from irw_pipeline.errors import SettingsError
from irw_pipeline.settings import Settings, read_secret, write_new_secret

CANARY = "SECRET-CANARY"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*Settings.model_fields, "typo"]:
        monkeypatch.delenv(f"IRW_{name.upper()}", raising=False)


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRW_LAKE", "/srv/env")
    monkeypatch.setenv("IRW_POLICY", "strict")
    settings = Settings.load(lake="/srv/given", policy="")
    assert (settings.lake, settings.policy) == ("/srv/given", "strict")


def test_a_mistyped_name_is_an_error_and_not_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """IRW_POLICI=strict must not release under the default policy."""
    monkeypatch.setenv("IRW_TYPO", CANARY)
    with pytest.raises(SettingsError, match="IRW_TYPO") as raised:
        Settings.load(lake="/srv/lake")
    assert CANARY not in str(raised.value)


def test_a_name_that_others_read_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRW_PG_URL", "postgresql://")
    assert Settings.load(lake="/srv/lake").lake == "/srv/lake"


@pytest.mark.parametrize("value", ["0", "many", "100001"])
def test_a_value_of_the_wrong_form_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("IRW_BATCH_OBJECTS", value)
    with pytest.raises(SettingsError, match="IRW_BATCH_OBJECTS") as raised:
        Settings.load(lake="/srv/lake")
    assert value not in str(raised.value)


def test_a_lake_is_required() -> None:
    with pytest.raises(SettingsError, match="--lake"):
        Settings.load()


def test_no_secret_is_shown() -> None:
    settings = Settings(lake="s3://lake", s3_access_key_id="id", s3_secret_access_key=CANARY)  # type: ignore[arg-type]  # pydantic makes the SecretStr
    assert CANARY not in f"{settings} {settings!r} {settings.model_dump_json()}"
    assert settings.storage_options["aws_secret_access_key"] == CANARY


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [("http://localhost:8333", "true"), ("https://store.example", "false")],
)
def test_plain_http_is_only_allowed_where_it_is_written(endpoint: str, expected: str) -> None:
    settings = Settings(lake="s3://lake", s3_access_key_id="id", s3_endpoint=endpoint)
    assert settings.storage_options["aws_endpoint"] == endpoint
    assert settings.storage_options["aws_allow_http"] == expected


def test_without_a_key_of_the_store_there_are_no_options() -> None:
    assert Settings(lake="/srv/lake").storage_options == {}


def test_the_key_lies_beside_the_lake_and_not_in_it() -> None:
    """Whoever may read the lake must not find the key there."""
    settings = Settings(lake="/srv/lake")
    assert settings.key_path == Path("/srv/lake.home/identity.key")
    assert Settings(lake="file:///srv/lake").home_path == settings.home_path
    assert Settings(lake="/srv/lake", home="/srv/home").key_path.parent == Path("/srv/home")
    assert Settings(lake="/srv/lake", key_file="/run/key").key_path == Path("/run/key")
    assert Settings(lake="s3://bucket/a").home_path == Path.home() / ".irw" / "bucket_a"


def test_only_given_zones_are_overridden() -> None:
    settings = Settings(lake="/srv/lake", zone_vault="/srv/vault")
    assert settings.zone_overrides == {"vault": "/srv/vault"}


def test_a_new_secret_is_the_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    """A key that is overwritten makes every published pseudonym an orphan."""
    path = tmp_path / "home" / "identity.key"
    assert read_secret(path) is None
    secret = write_new_secret(path)
    assert len(secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path) == secret
    with pytest.raises(SettingsError, match="never overwritten"):
        write_new_secret(path)
    assert read_secret(path) == secret


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    write_new_secret(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_secret(path)


def test_a_file_that_is_no_secret_is_refused_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    path.write_text(CANARY)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="hex digits") as raised:
        read_secret(path)
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
