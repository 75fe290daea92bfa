#!/bin/sh
# Prints a Python that cutter can be installed with: `python3`, or the newest one beside it, from 3.11 on.
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
echo "cutter needs Python 3.11 or later with its venv module (on Debian: apt-get install python3 python3-venv)" >&2
exit 1
