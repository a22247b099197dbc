"""``dynaopenai show``: operations, schemas and tags."""

import json
from pathlib import Path

import pytest
from shop import SHOP

from dynaopenai._cli.cli import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["orders", "Orders", "ORDERS"])
def test_a_tag_shows_its_operations(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", name, "--spec", "shop.json"]) == 0

    assert capsys.readouterr().out.splitlines()[0] == "<Group orders: 3 operations>"
    assert run(["show", name, "--spec", "shop.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"operations": ["listOrders", "createOrder", "cancel-order"]}


@pytest.mark.usefixtures("home")
def test_what_is_unknown_leads_to_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "Ordr", "--spec", "shop.json"]) == 2

    assert "no operation, schema or tag is called 'Ordr'" in capsys.readouterr().err
