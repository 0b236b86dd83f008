#!/bin/sh
# Makes the passwords of compose.yaml in ./secrets, once: what is there stays. Only who owns
# this folder may enter it; the files themselves are read by the users inside the containers.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "secrets.sh: ./secrets is there already; nothing was changed" >&2
  exit 1
fi
mkdir -m 0700 secrets
random() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }
roster=$(random) studio=$(random) token=$(random) owner=$(random)
cd secrets
random >postgres
random >roster-key
printf %s "$token" >label-studio-token
printf %s "postgres://roster:$roster@db/roster" >roster-db
# Where mail goes: smtp://user:password@host:587?from=roster@example.com, or log.
printf log >mail
cat >label-studio <<END
export POSTGRE_PASSWORD=$studio
export LABEL_STUDIO_PASSWORD=$owner
export LABEL_STUDIO_USER_TOKEN=$token
END
cat >databases <<END
CREATE ROLE roster LOGIN PASSWORD '$roster';
CREATE DATABASE roster OWNER roster;
REVOKE ALL ON DATABASE roster FROM PUBLIC;
CREATE ROLE labelstudio LOGIN PASSWORD '$studio';
CREATE DATABASE labelstudio OWNER labelstudio;
REVOKE ALL ON DATABASE labelstudio FROM PUBLIC;
END
chmod 0444 ./*
echo "The owner's first password is LABEL_STUDIO_PASSWORD in ./secrets/label-studio."
