# Installs other people's readers into build/node, exactly as tools/node/package-lock.json says: an editor's YAML language
# server, mermaid, graphviz, the schema of SARIF. Tests start them; without node those tests are skipped.
set -eu
cd "$(dirname "$0")/.."
into=build/node

if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    echo "node or npm is not here: the tests of editors and of graphs in other readers will be skipped"
    exit 0
fi
mkdir -p "$into"
cp tools/node/* "$into/"
if cmp -s tools/node/package-lock.json "$into/installed"; then
    exit 0
fi
rm -f "$into/installed"
(cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > npm.log 2>&1) || {
    echo "npm could not install them ($into/npm.log says why): their tests will be skipped"
    exit 0
}
cp tools/node/package-lock.json "$into/installed"
