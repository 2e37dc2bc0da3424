#!/usr/bin/env bash
# Builds kube-apiserver, kube-controller-manager and kube-scheduler of each given Kubernetes version from its Go modules:
#   KUBERNETES_VERSIONS_BIN=<folder> scripts/control-planes.sh v1.33.13 v1.34.4 …
# One folder per version, named after it, in $KUBERNETES_VERSIONS_BIN. Needs Go; about 10 minutes per version on 2 cores the
# first time, and nothing when the folder is complete.
set -euo pipefail
out=${KUBERNETES_VERSIONS_BIN:?folder for the binaries}
mkdir -p "$out"
out=$(cd "$out" && pwd)

# The module of a version requires its parts as v0.0.0 and takes them from its own tree; here they come from their own modules.
module_file() { # version source-go.mod
  local v=$1 part=v0.${1#v1.}
  echo "module control-plane"
  grep -E '^(go|godebug) ' "$2"
  echo "require ("
  echo "k8s.io/kubernetes $v"
  sed -nE 's/^\s+(k8s\.io\/[a-z-]+) v0\.0\.0$/\1/p' "$2" | sort -u | sed "s/$/ $part/"
  # The versions that Kubernetes itself is built with, as far as it names them.
  sed -nE '/ v0\.0\.0$/d; s/^\s+(\S+ v\S+)( \/\/ indirect)?$/\1/p' "$2"
  echo ")"
  echo "replace ("
  sed -nE 's/^\s*(replace )?(k8s\.io\/[a-z-]+) => \.\/staging.*/\2/p' "$2" | sort -u | sed "s/\(.*\)/\1 => \1 $part/"
  echo ")"
}

main_file() { # command constructor
  cat <<GO
package main

import (
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/$1/app"
)

func main() { os.Exit(cli.Run(app.$2())) }
GO
}

build() { # version
  local v=$1 source package=k8s.io/component-base/version
  [ -x "$out/$v/kube-scheduler" ] && return
  work=$(mktemp -d)
  cd "$work"
  source=$(GOWORK=off go mod download -json "k8s.io/kubernetes@$v" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
  module_file "$v" "$source" >go.mod
  mkdir kube-apiserver kube-controller-manager kube-scheduler
  main_file kube-apiserver NewAPIServerCommand >kube-apiserver/main.go
  main_file kube-controller-manager NewControllerManagerCommand >kube-controller-manager/main.go
  main_file kube-scheduler NewSchedulerCommand >kube-scheduler/main.go
  GOWORK=off go build -mod=mod -o built/ \
    -ldflags "-s -w -X $package.gitVersion=$v -X $package.gitMajor=1 -X $package.gitMinor=$(echo "$v" | cut -d. -f2)" ./...
  mkdir -p "$out/$v"
  mv built/* "$out/$v/"
  cd / && rm -rf "$work"
}

for version in "$@"; do
  build "$version"
  echo "$out/$version"
done
