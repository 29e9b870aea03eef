#!/usr/bin/env bash
# Builds kube-apiserver, etcd and kubectl from Go modules into .cache/kubernetes/<version>/ of this repository, each only when it is
# missing, and prints that folder. Minutes the first time, nothing afterwards.
# Exit code 3: there is no Go that can build them, so the suite that needs them is to be skipped. In CI (CI=true) that is a failure: 1.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
version="$(sed -nE 's/^\s*k8s\.io\/kubernetes v([0-9.]+).*/\1/p' "$here/go.mod")"
required_go="$(sed -nE 's/^go ([0-9]+\.[0-9]+).*/\1/p' "$here/go.mod")"
target="$(cd "$here/../../.." && pwd)/.cache/kubernetes/$version"

without_go() {
  if [ "${CI:-}" = true ]; then
    echo "test-kubernetes: $1; CI never skips this suite: install Go $required_go or later." >&2
    exit 1
  fi
  echo "test-kubernetes: skipped: $1; install Go $required_go or later to run this suite." >&2
  exit 3
}

missing=()
for binary in etcd kube-apiserver kubectl; do
  [ -x "$target/$binary" ] || missing+=("$binary")
done

if [ ${#missing[@]} -gt 0 ]; then
  command -v go >/dev/null || without_go "Go is not installed"
  cd "$here"
  go list -m >/dev/null 2>&1 || without_go "$(go env GOVERSION) cannot build Kubernetes $version"
  mkdir -p "$target"
  package=k8s.io/component-base/version
  flags="-s -w -X $package.gitVersion=v$version -X $package.gitMajor=${version%%.*} -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
  for binary in "${missing[@]}"; do
    echo "test-kubernetes: building $binary (Kubernetes $version); this takes minutes the first time" >&2
    # Written beside its place and moved there, so that an interrupted build leaves nothing that looks whole.
    CGO_ENABLED=0 nice go build -p 2 -mod=readonly -trimpath -ldflags "$flags" -o "$target/.$binary.$$" "./$binary"
    mv "$target/.$binary.$$" "$target/$binary"
  done
fi

echo "$target"
