#!/bin/bash
cd /tmp/h
export BASE=http://127.0.0.1:8471 EMAIL=owner@example.com PASSWORD=$(grep -m1 Password hist2-demo.log | awk '{print $2}')
./shotbin "$@"
