"""How stories are told: each names the methods it drives."""

from world import value

STORIES = {}


def drives(*methods: str):
    def told(story):
        STORIES[story.__name__] = (story, methods)
        return story

    return told


def ids(items) -> set[int]:
    return {value(item, "id") for item in items}
