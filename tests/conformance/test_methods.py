"""Every method of the families, on both engines, by both kinds of client, with every credential."""

import pytest

from stories import DRIVEN, STORIES
from world import PRESENT

def test_every_method_is_driven():
    forgotten = PRESENT.keys() - DRIVEN
    assert not forgotten, f"the SDK has methods that no story drives: {sorted(forgotten)}"


@pytest.mark.parametrize("name", STORIES)
def test_story(request, world, name):
    story, methods = STORIES[name]
    story(world)
    here = {method for method in methods if world.has(method)}
    assert here <= world.calls, f"named and not called: {sorted(here - world.calls)}"
    request.config.record.add(world, here)
