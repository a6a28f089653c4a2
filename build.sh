#!/usr/bin/env bash
# Grapevine's one command. Run it without arguments for what it does.
#
# Everything it makes lies in build/, and nothing that did not change is made
# again: Go and npm keep their own books, tests/site/assemble.mjs compares contents.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly out=build

usage() {
  cat <<'TEXT'
Usage: ./build.sh COMMAND

  serve [-port N]     build everything and serve the site on localhost (port 8080; 0: any)
  test [quick]        install what the tests need, run them all; quick: without browsers and other programs
  bench [NAME]        print the benchmark table, or those figures whose name contains NAME
  run LAB [...]       run a lab without a browser; ./build.sh run -help tells more
  bridge LAB [...]    let other programs talk to a lab over TCP; ./build.sh bridge -help tells more
  site DIR            put the finished static site into DIR
  shots DIR [LAB]     screenshots of every lab, or of one, into DIR
  shots FILE.png      the picture in the README (docs/screenshot.png)
TEXT
}

main() {
  local command=${1:-help}
  shift || true
  case $command in
    serve) serve "$@" ;;
    test) run_tests "$@" ;;
    bench) bench "$@" ;;
    run) run_lab "$@" ;;
    bridge) bridge_lab "$@" ;;
    site) site "$@" ;;
    shots) shots "$@" ;;
    edge) fail "$command is not built yet: it comes with a later issue. Today there are: serve, test, bench, run, bridge, site, shots." ;;
    help | -h | -help | --help) usage ;;
    *) usage >&2; fail "there is no command \"$command\"" ;;
  esac
}

# fail ends the script with status 2: the caller asked for what cannot be done.
fail() {
  echo "build.sh: $*" >&2
  exit 2
}

step() { echo "-- $*" >&2; }

# ---- what the machine must have ----

need_go() {
  command -v go >/dev/null || fail "Go is missing: install Go 1.26 or newer from go.dev, then run this again"
  local have
  have=$(go env GOVERSION)
  [[ $have =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 26 ]] || [[ $have == devel* ]] ||
    fail "this needs Go 1.26 or newer, and $have is installed"
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    fail "Node and npm are missing: install Node 20 or newer (it brings npm), then run this again"
  local have
  have=$(node -p 'process.versions.node.split(".")[0]')
  ((have >= 20)) || fail "this needs Node 20 or newer, and version $have is installed"
}

# need_npm_packages installs what package.json asks for, when it changed.
need_npm_packages() {
  need_node
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return
  step "npm packages"
  npm ci --no-fund --no-audit --loglevel=error >&2
  touch node_modules/.package-lock.json
}

# need_debian PROGRAM PACKAGE: installs the package when the program is missing.
need_debian() {
  local program=$1 package=$2
  have_program "$program" && return
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    step "installing $package"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } \
      </dev/null >&2 || fail "could not install $package; install it by hand, then run this again"
    return
  fi
  fail "the tests need $program; install it (on Debian: sudo apt-get install $package), then run this again"
}

have_program() {
  case $1 in
    "a Chinese font") [[ -n $(fc-list :lang=zh 2>/dev/null) ]] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

need_chromium() {
  need_debian chromium chromium
  need_debian fc-list fontconfig
  need_debian "a Chinese font" fonts-noto-cjk
}

need_browsers() {
  need_chromium
  need_debian firefox-esr firefox-esr
}

# ---- building ----

# build_site DIR QUALITY: the static site; QUALITY is brotli's, 11 at most.
build_site() {
  local dir=$1 quality=$2
  need_go
  need_npm_packages
  build_engine
  "$out/engine" catalogue >"$out/catalogue.cbor"
  local families
  # A lab is called family/name, and the first of them is the one to open with.
  families=$("$out/engine" run -list | cut -d/ -f1 | uniq)
  local family
  for family in $families; do
    step "page-$family.wasm"
    GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -pgo=wasm/engine/default.pgo -o "$out/page-$family.wasm" "./wasm/page/$family"
  done
  step "site in $dir"
  local prune=
  [[ $dir != "$out"/* ]] || prune=--prune
  node tests/site/assemble.mjs --dir "$dir" --quality "$quality" $prune \
    --programs "$out" --families "${families//$'\n'/ }" --go-js "$(go env GOROOT)/lib/wasm/wasm_exec.js"
}

build_edge() { go build -o "$out/edge" ./wasm/edge; }

build_engine() {
  need_go
  mkdir -p "$out"
  go build -o "$out/engine" ./wasm/engine
}

# build_engine_wasm: the same engine for Node, which the digests are compared with.
build_engine_wasm() {
  GOOS=js GOARCH=wasm go build -o "$out/engine.wasm" ./wasm/engine
}

# ---- commands ----

serve() {
  build_site "$out/site" 9
  build_edge
  exec "$out/edge" -dir "$out/site" "$@"
}

site() {
  [[ $# == 1 ]] || fail "site takes the folder to put the site into: ./build.sh site DIR"
  build_site "$1" 11
}

run_lab() {
  build_engine
  exec "$out/engine" run "$@"
}

bridge_lab() {
  build_engine
  exec "$out/engine" bridge "$@"
}

bench() {
  need_chromium
  build_for_browsers
  # As a real host would send it: what is downloaded is one of the figures.
  build_site "$out/bench" 11
  (cd tests/e2e && go run ./bench "$@")
}

shots() {
  [[ $# == 1 || $# == 2 ]] || fail "shots takes a folder, and perhaps a lab: ./build.sh shots DIR [LAB]"
  need_chromium
  build_for_browsers
  local dir=$1 file=
  [[ $1 != *.png ]] || { dir=$(dirname "$1") file=/$(basename "$1"); }
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  (cd tests/e2e && go run ./shots "$dir$file" "${@:2}")
}

# build_for_browsers: what tests/e2e reads; see tests/e2e/page.
build_for_browsers() {
  build_site "$out/site" 9
  build_edge
  build_engine
  build_engine_wasm
}

# ---- tests ----

passed=0
failed=0

# check NAME COMMAND...: one step of the tests. A failing one does not keep the
# next ones from running: all that is wrong is told at once.
#
# The subshell stands alone, not in an if: bash would not stop at the first
# error inside one that is asked for its result.
check() {
  local name=$1 status
  shift
  step "$name"
  set +e
  (set -e && "$@")
  status=$?
  set -e
  if ((status == 0)); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "-- $name: FAILED" >&2
  fi
}

run_tests() {
  [[ $# == 0 || $* == quick ]] || fail "test takes nothing or the word quick, got \"$*\""
  need_go
  need_npm_packages
  mkdir -p "$out"
  check "vet" go vet ./...
  check "vet for the browser" env GOOS=js GOARCH=wasm go vet ./...
  check "JavaScript types" node_modules/.bin/tsc --project .
  check "JavaScript tests" js_tests
  check "engine" build_engine
  check "engine for Node" build_engine_wasm
  check "Go tests" go test ./...
  check "generated messages" generated_tests
  check "payloads are not kept" go test -tags simdebug ./wasm/sim ./wasm/lab ./wasm/labs/...
  if [[ ${1:-} != quick ]]; then
    interop_tests
    browser_tests
  fi
  echo
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

# interop_tests lets programs of other people talk to ours. Their versions are
# in tests/interop/go.mod, and the first run downloads and builds them.
interop_tests() {
  need_debian tshark tshark
  check "vet of the interop tests" in_interop go vet ./...
  check "interop" in_interop go test -count=1 -timeout=10m ./...
}

in_interop() { (cd tests/interop && "$@"); }

browser_tests() {
  need_browsers
  check "site" build_for_browsers
  check "tests for the browser" wasm_tests
  check "vet of the browser tests" in_e2e go vet ./...
  check "end to end" in_e2e go test -count=1 -timeout=20m ./...
}

in_e2e() { (cd tests/e2e && "$@"); }

# generated_tests makes the Protocol Buffers messages anew, and holds them to
# the stock runtime; the generator has a module of its own.
generated_tests() { (cd tests/gen/protobuf && go vet ./... && go test ./...); }

js_tests() {
  local files
  files=$(find public tests -name '*.test.js' -not -path '*/node_modules/*')
  [[ -z $files ]] || node --test $files
}

# wasm_tests runs the packages that have tests only a browser can run.
wasm_tests() {
  (cd tests/tools && go build -o "../../$out/wasmbrowsertest" github.com/agnivade/wasmbrowsertest)
  local packages
  packages=$(find ui wasm protocols -name '*_js_test.go' -exec dirname ./{} \; | sort -u)
  [[ -z $packages ]] || GOOS=js GOARCH=wasm go test -timeout=3m -exec="$PWD/$out/wasmbrowsertest" $packages
}

main "$@"
