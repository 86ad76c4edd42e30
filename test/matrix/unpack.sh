#!/bin/bash
# Unpacks packages of another Debian release, with all that they depend on, into a tree to chroot into:
#   unpack.sh RELEASE TREE PACKAGE...
# apt chooses and fetches them, from the mirror that this machine is set up with. None of their scripts are run, so that
# nothing is started and nothing outside of TREE changes. Of TREE, which appears when it is complete, apt's state and
# what it fetched are in TREE.apt meanwhile.
set -euo pipefail
release=$1 tree=$2
shift 2

mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sort -u | head -n 1
}
uri=$(mirror)
[ -n "$uri" ] || { apt-get update -qq && uri=$(mirror); }
[ -n "$uri" ] || { echo "apt knows no mirror of Debian on this machine" >&2; exit 1; }

apt=$tree.apt
mkdir -p "$apt"/{etc/apt.conf.d,etc/preferences.d,lists/partial,archives/partial}
touch "$apt/status"
signed="signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
printf '%s [%s] %s %s main\n' deb "$signed" "$uri" "$release" deb-src "$signed" "$uri" "$release" >"$apt/etc/sources.list"
cat >"$apt/apt.conf" <<END
Dir::Etc "$apt/etc";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache::Archives "$apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
// A mirror that stands still has signatures that are no longer fresh.
Acquire::Check-Valid-Until "false";
END
export APT_CONFIG=$apt/apt.conf DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --download-only --no-install-recommends "$@" >"$apt/log" 2>&1 || { cat "$apt/log" >&2; exit 1; }

new=$tree.new
rm -rf "$new"
mkdir -p "$new"/{usr/bin,usr/sbin,usr/lib,usr/lib64,proc,sys,dev,tmp,run,etc,root,var/log,var/lib/libvirt}
# In releases before 12 these are folders for packages, and can be links for us all the same.
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$new/$folder"; done
ln -s ../run "$new/var/run"
for package in "$apt"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar --extract --directory "$new" --keep-directory-symlink --no-same-owner \
      --exclude=./usr/share/{doc,man,locale,info}
done
ldconfig -r "$new"
echo 'root:x:0:0::/root:/bin/sh' >"$new/etc/passwd"
echo 'root:x:0:' >"$new/etc/group"
for account in libvirt-qemu:64055 nobody:65534; do
  echo "${account%:*}:x:${account#*:}:${account#*:}::/:/usr/sbin/nologin" >>"$new/etc/passwd"
done
printf '%s:x:%s:\n' libvirt-qemu 64055 kvm 64056 libvirt 64057 tty 5 nogroup 65534 >>"$new/etc/group"
echo '127.0.0.1 localhost' >"$new/etc/hosts"
tr -d - </proc/sys/kernel/random/uuid >"$new/etc/machine-id"
rm -rf "$apt"/archives
mv "$new" "$tree"
