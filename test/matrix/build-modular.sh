#!/bin/bash
# Makes a tree with libvirt's daemons for one driver each, which Debian does not package: builds them from the source of
# the release's own package, inside the tree.
#   build-modular.sh RELEASE TREE PACKAGE...
set -euo pipefail
release=$1 tree=$2
shift 2
building=$tree.building
rm -rf "$building"
libraries=$(printf 'lib%s-dev ' c6 glib2.0 gnutls28 xml2 tirpc sasl2 json-c udev pciaccess devmapper nl-3 nl-route-3 cap-ng acl1 attr1)
"$(dirname "$0")/unpack.sh" "$release" "$building" "$@" dpkg-dev gcc make meson ninja-build pkgconf xsltproc libxml2-utils \
  python3-docutils rpcsvc-proto gettext dash coreutils sed grep findutils diffutils gawk bash perl util-linux $libraries

(cd "$building/root" && APT_CONFIG=$building.apt/apt.conf apt-get source -qq --tar-only libvirt)
tar --extract --file "$building"/root/libvirt_*.orig.tar.* --directory "$building/root"

options=$(printf -- '-D%s=enabled ' driver_remote driver_libvirtd driver_qemu driver_network driver_interface \
  driver_secrets driver_test sasl json_c udev pciaccess libnl capng attr storage_dir storage_fs)
unshare --mount --propagation private bash -euc '
  mount --bind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  chroot "$1" /bin/bash -euc "
    cd /root/libvirt-[0-9]*
    export CC=gcc LC_ALL=C.UTF-8
    meson setup build --prefix=/usr --libdir=lib/x86_64-linux-gnu --sysconfdir=/etc --localstatedir=/var \
      --buildtype=debugoptimized -Dauto_features=disabled -Dinit_script=none -Dtests=disabled -Ddocs=disabled \
      -Drunstatedir=/run -Dqemu_user=root -Dqemu_group=root $2
    ninja -C build
    meson install -C build --no-rebuild
    rm -rf /root/libvirt*
  "' _ "$building" "$options" >"$building.log" 2>&1 || { tail -n 30 "$building.log" >&2; exit 1; }

# In libvirtd's place: the others, which go to the background when they are ready, and then the one for remote clients.
cat >"$building/usr/sbin/all-daemons" <<'END'
#!/bin/sh
# A login is asked for by the one that remote clients reach, which then speaks to the others.
drivers=/run/libvirt/drivers.conf
sed 's/"sasl"/"none"/' /etc/libvirt/libvirtd.conf >"$drivers"
for driver in secret storage nodedev interface network nwfilter qemu; do
  daemon=virt${driver}d
  "$daemon" --daemon --config "$drivers" --pid-file "/run/libvirt/$daemon.pid" || exit 1
done
# It listens for remote clients where its configuration says so, and needs no telling.
for argument; do
  shift
  [ "$argument" = --listen ] || set -- "$@" "$argument"
done
exec virtproxyd --config /etc/libvirt/libvirtd.conf "$@"
END
chmod 755 "$building/usr/sbin/all-daemons"
mv "$building" "$tree"
rm -rf "$building.apt" "$building.log"
