"""docs/bulk.md names every option of a bulk, in both spellings."""

import dataclasses
import re

import pytest
from pages import text_of

from dynaopenai._bulk.options import Options
from dynaopenai._cli.verbs.bulk import command

PAGE = text_of("docs/bulk.md")
ELSEWHERE = {"--base-url", "--spec", "--json", "--quiet", "--output", "--overlay"}


@pytest.mark.parametrize("name", sorted({option for parameter in command.params for option in parameter.opts if option.startswith("--")} - ELSEWHERE))
def test_every_option_of_the_verb_is_named(name):
    assert re.search(rf"{name}\b", PAGE)


def test_every_option_of_map_is_one_of_the_verb_s():
    spelled = {name.replace("_", "-") for name in (field.name for field in dataclasses.fields(Options))}
    of_the_verb = {option.removeprefix("--") for parameter in command.params for option in parameter.opts}
    assert spelled - of_the_verb == {"anew", "show"}  # --continue, --quiet
