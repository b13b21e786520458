#!/bin/sh
# Runs one PostgreSQL cluster and drops it when its standard input ends, in whatever way whoever holds it ended.
# $1: the folder of the programs. $2: the folder of the cluster. Each line is an order, answered with its exit code.
programs=$1 home=$2
control() { "$programs/pg_ctl" -D "$home/data" -w -t 60 -s "$@" >> "$home/log" 2>&1 < /dev/null; }
while read -r order; do
  case $order in
    init)
      "$programs/initdb" -D "$home/data" --no-sync --no-instructions --encoding=UTF8 --locale=C \
        --username=rollcall --pwfile="$home/password" --auth=scram-sha-256 > "$home/log" 2>&1 < /dev/null &&
        cat "$home/settings" >> "$home/data/postgresql.conf"
      ;;
    start) control -l "$home/log" start ;;
    fast | immediate) control -m "$order" stop ;;
  esac
  echo $?
done
control -m immediate stop
rm -rf "$home"
