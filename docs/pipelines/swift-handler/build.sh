#!/usr/bin/env bash
# Builds the function into a directory: build.sh DIRECTORY
set -euo pipefail
mkdir -p "$1"
swiftc -O -o "$1/bootstrap" "$(dirname "${BASH_SOURCE[0]}")/main.swift"
