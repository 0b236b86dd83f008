"""The versions of the SDK that are driven, and with which credentials each.

The newest goes through all of it. The older ones share the server's side of
every credential with it, so one each tells what their own side does."""

VERSIONS = {
    "2.1.2": ["legacy token", "personal access token", "X-API-Key, legacy", "X-API-Key, personal"],
    "2.0.17": ["personal access token"],
    "2.0.4": ["legacy token"],
}
