#!/bin/sh
# Makes the user as whom the service runs. It stays when the package goes: files may be its.
set -e
if ! getent passwd roster >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/roster --no-create-home \
    --shell /usr/sbin/nologin --comment "Roster" roster
fi
