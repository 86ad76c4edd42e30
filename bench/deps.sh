#!/bin/bash
# Sees to the clients that virtwire is measured beside: as root on Debian or Ubuntu it installs what is missing.
# Whatever cannot be had is told, and left out of the tables; this never fails.
set -uo pipefail
export DEBIAN_FRONTEND=noninteractive
cd "$(dirname "$0")"

go_library=src/github.com/digitalocean/go-libvirt
go_program=node_modules/.cache/go-client

has() { type "$1" >/dev/null 2>&1; }
go_path() { for path in "${GOPATH:-}" "$HOME/go" /usr/share/gocode; do [ ! -d "$path/$go_library" ] || { echo "$path"; return; }; done; }

missing_packages() {
  /usr/bin/python3 -c 'import libvirt' 2>/dev/null || echo python3-libvirt
  /usr/bin/perl -MSys::Virt -e 1 2>/dev/null || echo libsys-virt-perl
  has virsh || echo libvirt-clients
  has go || echo golang-go
  [ -n "$(go_path)" ] || echo golang-github-digitalocean-go-libvirt-dev
  [ -e node_modules/@unraid/libvirt ] || {
    [ -e /usr/include/libvirt/libvirt.h ] || echo libvirt-dev
    has g++ || echo g++
    has make || echo make
  }
}

# One package after the other: that one is not to be had must not take the rest away.
install_packages() {
  local package updated=
  for package in $(missing_packages); do
    if [ "$(id -u)" != 0 ] || ! has apt-get; then
      echo "not measured beside what needs $package" >&2
      continue
    fi
    echo "installing $package" >&2
    apt_install "$package" && continue
    [ -n "$updated" ] || { apt-get update -q >/dev/null 2>&1; updated=yes; }
    apt_install "$package" || echo "$package could not be installed" >&2
  done
}

apt_install() { apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1 </dev/null; }

# It has a native part, which is compiled here.
install_native_binding() {
  [ ! -e node_modules/@unraid/libvirt ] || return 0
  echo "compiling @unraid/libvirt" >&2
  npm install --silent --no-audit --no-fund --no-package-lock --build-from-source ||
    echo "@unraid/libvirt could not be compiled" >&2
}

build_go_client() {
  has go && [ -n "$(go_path)" ] || return 0
  [ ! clients/go/main.go -nt $go_program ] && return 0
  echo "compiling the client by go-libvirt" >&2
  local version
  version=$(dpkg-query -W -f '${Version}' golang-github-digitalocean-go-libvirt-dev 2>/dev/null)
  GO111MODULE=off GOPATH=$(go_path) go build -ldflags "-X main.library=${version:-unknown}" -o $go_program ./clients/go ||
    echo "the client by go-libvirt could not be compiled" >&2
}

install_packages
install_native_binding
build_go_client
exit 0
