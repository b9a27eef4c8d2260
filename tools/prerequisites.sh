# Finds or installs what building, running and testing need. Sourced by the tools beside it.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
swift_version_min="6.2"

# Debian packages to build and run with; the names are the same on Ubuntu.
build_packages=(
    librocksdb-dev libzstd-dev zlib1g-dev pkg-config git ca-certificates
)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root and there is no sudo: $*"
    fi
}

# Installs those of the named Debian packages that are missing.
install_packages() {
    local missing=() name
    for name in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
            missing+=("$name")
        fi
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "no apt-get here; install by hand: ${missing[*]}"
    say "Installing ${missing[*]}"
    local install=(
        env DEBIAN_FRONTEND=noninteractive
        apt-get install -y -q --no-install-recommends "${missing[@]}"
    )
    # The machine's lists may be absent or old: refresh them only when the first try fails.
    if ! as_root "${install[@]}" >/dev/null 2>&1; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
        as_root "${install[@]}" >/dev/null
    fi
}

# Stops with instructions unless a new enough Swift is on the PATH.
require_swift() {
    local advice="Install Swift $swift_version_min or later from https://swift.org/install and put"
    advice+=" its usr/bin directory on your PATH, then run this again."
    if ! command -v swift >/dev/null; then
        fail "there is no Swift toolchain on your PATH. $advice"
    fi
    local version
    version="$(swift --version 2>/dev/null |
        sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)"
    if [ -z "$version" ] || ! printf '%s\n%s\n' "$swift_version_min" "$version" | sort -VC; then
        fail "the Swift on your PATH is version ${version:-unknown}. $advice"
    fi
}

# Everything a build needs.
require_build_tools() {
    require_swift
    install_packages "${build_packages[@]}"
}

# Builds the release binary; its path is then in $basalt.
build_release() {
    say "Building basalt (release; the first build takes some minutes)"
    # The Swift runtime goes into the binary: it starts sooner, takes less memory, and runs where
    # there is no toolchain.
    (cd "$root" && swift build -c release --product basalt --static-swift-stdlib >&2)
    basalt="$root/.build/release/basalt"
}

# Makes the Python environment of the end-to-end tests, or brings it up to date.
require_python_environment() {
    local venv="$root/.venv" requirements="$root/Tests/EndToEnd/requirements.txt"
    if cmp -s "$requirements" "$venv/requirements.txt"; then return 0; fi
    command -v python3 >/dev/null || install_packages python3 python3-venv
    python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    say "Making the Python environment of the end-to-end tests in .venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
    cp "$requirements" "$venv/requirements.txt"
}
