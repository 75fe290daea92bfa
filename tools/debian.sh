#!/bin/sh
# Installs what some tests use and `pip` cannot bring: chromium (the reviewer's page in a browser) and faketime (a clock
# that jumped). Works on Debian and its kin, as root; elsewhere it says what is missing. It never fails a build: a test
# whose program is missing is skipped, saying so.

wanted=""
for pair in chromium:chromium faketime:faketime; do
    program=${pair%%:*}
    if command -v "$program" > /dev/null 2>&1; then
        echo "debian: $program is here"
    elif [ "$program" = chromium ] && command -v google-chrome > /dev/null 2>&1; then
        echo "debian: google-chrome is here and serves as chromium"
    else
        wanted="$wanted ${pair#*:}"
    fi
done

[ -n "$wanted" ] || exit 0

if ! command -v apt-get > /dev/null 2>&1; then
    echo "debian: no apt-get here; tests that need$wanted are skipped"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "debian: not root, so nothing is installed; tests that need$wanted are skipped"
    echo "debian: to have them: sudo apt-get install --no-install-recommends$wanted"
    exit 0
fi

echo "debian: installing$wanted"
log=$(mktemp) || exit 0
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # one word a package
if { apt-get -qq update && apt-get -qq -y --no-install-recommends install $wanted; } > "$log" 2>&1 < /dev/null; then
    echo "debian: installed$wanted"
else
    tail -n 5 "$log"
    echo "debian: could not install$wanted; tests that need them are skipped"
fi
exit 0
