#!/bin/bash
# Keeps one private daemon; libvirtd.ts starts this in a mount namespace of its own (and a UTS namespace):
#   libvirtd.sh DIRECTORY HOSTNAME TREE COMMAND...
# The folders of DIRECTORY stand in for libvirt's system directories. If TREE is not empty, it is what the daemon has
# for its root; DIRECTORY and its neighbours have the same names in there. Each line on standard input starts COMMAND
# and is answered with its pid. The end of standard input ends everything in the namespace, guests included, and
# removes DIRECTORY: a test process that dies, by whatever means, leaves nothing behind.
set -u
directory=$1 hostname=$2 tree=$3
shift 3

if [ -n "$tree" ]; then
  neighbours=$(dirname "$directory")
  mkdir -p "$tree$neighbours" && mount --bind "$neighbours" "$tree$neighbours" &&
    mount -t proc proc "$tree/proc" && mount --rbind /sys "$tree/sys" && mount --rbind /dev "$tree/dev" || exit 1
  set -- chroot "$tree" "$@"
fi

bind() { mkdir -p "$tree$2" && mount --bind "$directory/$1" "$tree$2"; }
bind run /run/libvirt && bind lib /var/lib/libvirt && bind cache /var/cache/libvirt &&
  bind log /var/log/libvirt && bind etc /etc/libvirt && bind lock /var/lock || exit 1

# The QEMU driver looks its usual accounts up, even where the configuration names others. Debian creates them in a
# package that starts system services, so that here they exist in this namespace only.
account() {
  grep -q "^$2:" "/etc/$1" && return
  [ -e "$directory/$1" ] || { cp "/etc/$1" "$directory/$1" && mount --bind "$directory/$1" "/etc/$1"; }
  echo "$2:$3" >>"$directory/$1"
}
[ -n "$tree" ] || { account passwd libvirt-qemu x:64055:64055::/:/usr/sbin/nologin && account group libvirt-qemu x:64055:; } || exit 1
[ -z "$hostname" ] || echo "$hostname" >/proc/sys/kernel/hostname || exit 1

while read -r _; do
  "$@" </dev/null >&2 &
  echo $!
done

# Not in a subshell: it would find itself.
find_others() {
  others=()
  for process in /proc/[0-9]*; do
    [[ $process/ns/mnt -ef /proc/$$/ns/mnt && $process != "/proc/$$" ]] && others+=("${process#/proc/}")
  done
}

find_others
[ ${#others[@]} -eq 0 ] || kill -TERM "${others[@]}"
for ((tries = 0; tries < 50 && ${#others[@]} > 0; tries++)); do
  sleep 0.1
  find_others
done
[ ${#others[@]} -eq 0 ] || kill -KILL "${others[@]}"
rm -rf "$directory"
