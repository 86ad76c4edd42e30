#!/bin/bash
# Sees to what the integration tests need of the system: as root on Debian or Ubuntu it installs what is missing,
# elsewhere it says what that is. It starts no service.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
PATH=$PATH:/usr/sbin

has() { type "$1" >/dev/null 2>&1; }
has_driver() { compgen -G "/usr/lib*/libvirt/connection-driver/$1" || compgen -G "/usr/lib*/*/libvirt/connection-driver/$1"; }

has_mechanism() { compgen -G "/usr/lib*/sasl2/lib$1.so" || compgen -G "/usr/lib*/*/sasl2/lib$1.so"; }

# Looks for the things themselves, which other distributions have in packages of other names.
missing_packages() {
  has libvirtd || echo libvirt-daemon
  has_driver libvirt_driver_qemu.so >/dev/null || echo libvirt-daemon-driver-qemu
  has_driver libvirt_driver_lxc.so >/dev/null || echo libvirt-daemon-driver-lxc
  has virsh || echo libvirt-clients
  /usr/bin/python3 -c 'import libvirt' 2>/dev/null || echo python3-libvirt
  /usr/bin/perl -MSys::Virt -e 1 2>/dev/null || echo libsys-virt-perl
  has qemu-system-x86_64 || echo qemu-system-x86
  has qemu-img || echo qemu-utils
  has unshare || echo util-linux
  has ssh || echo openssh-client
  has sshd || echo openssh-server
  has nc.openbsd || echo netcat-openbsd
  has script || echo bsdutils
  has saslpasswd2 || echo sasl2-bin
  has_mechanism scram >/dev/null || echo libsasl2-modules
  has_mechanism gssapiv2 >/dev/null || echo libsasl2-modules-gssapi-mit
  has krb5kdc || echo krb5-kdc
  has kadmin.local || echo krb5-admin-server
  has kinit || echo krb5-user
  has dbus-daemon || echo dbus-daemon
  [ -x /usr/lib/polkit-1/polkitd ] || [ -x /usr/libexec/polkitd ] || echo polkitd
  [ -e /usr/include/gssapi/gssapi.h ] || echo libkrb5-dev
  has g++ || echo g++
  has make || echo make
}

# The optional package `kerberos` is compiled when it is installed. As a development dependency it would keep whoever
# has no compiler and no Kerberos from installing anything; so it has a folder of its own, and a link to it.
install_kerberos() {
  [ ! -e node_modules/kerberos ] || return 0
  local folder=node_modules/.cache/virtwire/kerberos
  mkdir -p "$folder"
  npm install --silent --no-audit --no-fund --prefix "$folder" kerberos@7.0.0
  ln -s ".cache/virtwire/kerberos/node_modules/kerberos" node_modules/kerberos
}

missing=$(missing_packages | xargs)
if [ -z "$missing" ]; then
  install_kerberos
  exit 0
fi

if [ "$(id -u)" != 0 ] || ! has apt-get; then
  echo "virtwire's tests need packages that are not installed. Under Debian's names: $missing" >&2
  exit 1
fi

# Debian's own way to keep packages from starting their services.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
trap 'rm -f "$log" ${own_policy:-}' EXIT
if [ ! -e $policy ]; then
  own_policy=$policy
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi

install() { apt-get install -y -q --no-install-recommends $missing >>"$log" 2>&1 </dev/null; }

echo "installing $missing"
# The lists of packages may be absent, or older than the mirror.
install || { apt-get update -q >>"$log" 2>&1 && install; } || { cat "$log" >&2; exit 1; }
install_kerberos
