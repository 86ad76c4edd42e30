#!/bin/bash
# Fetches what the code generator reads, on Debian, from the mirror that apt is set up with:
#   eval "$(scripts/fetch-libvirt.sh [DIRECTORY])"
# sets LIBVIRT_SOURCE (the interface files and the CPU map of libvirt 11.3.0, the newest source that Debian has) and
# LIBVIRT_API (the API's XML of libvirt 12.8.0). What is there already is not fetched again.
set -euo pipefail

directory=${1:-$(dirname "${BASH_SOURCE[0]}")/../node_modules/.cache/virtwire/libvirt}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
source_directory=$directory/libvirt-11.3.0
api_directory=$directory/libvirt-api-12.8.0
scratch=$(mktemp -d "$directory/fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# A checksum pins each download, so that the generator's output depends on nothing else.
download() { # POOL-FILE SHA256
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sort -u | head -n 1)
  /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "${mirror%/}/pool/main/libv/libvirt/$1" "$scratch/$1" "SHA256:$2" >&2
}

fail() {
  echo "fetch-libvirt: $1" >&2
  exit 1
}

type apt-get >/dev/null 2>&1 ||
  fail "without apt, set LIBVIRT_SOURCE to libvirt 11.3.0's source and LIBVIRT_API to a directory with 12.8.0's *-api.xml"

if [ ! -d "$source_directory/src/cpu_map" ]; then
  archive=libvirt_11.3.0.orig.tar.xz
  download "$archive" 6bcb0c42c4580436fea262ced56f68a6afe20f7390b1bea2116718cc034a0283 ||
    fail "$archive cannot be had from Debian's mirror: set LIBVIRT_SOURCE to libvirt 11.3.0's source"
  tar -xJf "$scratch/$archive" -C "$scratch" --wildcards \
    'libvirt-11.3.0/src/remote/*.x' 'libvirt-11.3.0/src/admin/*.x' 'libvirt-11.3.0/src/rpc/*.x' \
    'libvirt-11.3.0/src/*-structs' 'libvirt-11.3.0/src/cpu_map/*.xml'
  rm -rf "$source_directory"
  mv -T "$scratch/libvirt-11.3.0" "$source_directory"
fi

if [ ! -d "$api_directory" ]; then
  package=libvirt-dev_12.8.0-1_amd64.deb # its XML is the same on every architecture
  download "$package" 9d3b2232c8462dc90b44917da962e300be4e48211f9eaf659d43dbb3364bb635 ||
    fail "$package cannot be had from Debian's mirror (sid may have moved on): set LIBVIRT_API to a directory with 12.8.0's *-api.xml"
  dpkg-deb --extract "$scratch/$package" "$scratch/package"
  mv -T "$scratch/package/usr/share/libvirt/api" "$api_directory"
fi

printf 'export LIBVIRT_SOURCE=%q\nexport LIBVIRT_API=%q\n' "$source_directory" "$api_directory"
