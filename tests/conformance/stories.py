"""What is done with every method of the families, and what must come of it.

A story runs for each engine, credential and kind of client; whether it really
called what it names is checked afterwards."""

import stories_accounts  # noqa: F401 (each adds its stories)
import stories_organization  # noqa: F401
import stories_projects  # noqa: F401
from story import STORIES

DRIVEN = {method for _, methods in STORIES.values() for method in methods}
