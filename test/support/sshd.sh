#!/bin/bash
# Keeps one private sshd; sshd.ts starts this in a mount and a PID namespace of its own:
#   sshd.sh DIRECTORY
# Files of DIRECTORY/system stand in for the system's. The end of standard input ends this, and with it, by the PID
# namespace, every session and what runs in it: a test process that dies leaves nothing behind.
set -u
directory=$1
for file in passwd group shadow pam.d/sshd; do
  mount --bind "$directory/system/${file##*/}" "/etc/$file" || exit 1
done
mkdir -p /run/sshd || exit 1
/usr/sbin/sshd -D -e -f "$directory/sshd_config" </dev/null 2>>"$directory/sshd.log" &
cat >/dev/null
