#!/bin/sh
# Debian says "remove", RPM how many versions stay.
set -e
case "$1" in
remove | 0)
  if command -v systemctl >/dev/null; then systemctl disable --quiet roster.service roster.socket; fi
  if [ -d /run/systemd/system ]; then systemctl stop roster.service roster.socket; fi
  ;;
esac
