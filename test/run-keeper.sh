#!/bin/sh
# Cleans up after a run, however it ends. Its standard input is held open by whoever runs; `done` there means a good end.
# $1: the folder of the run, dropped at the end. $2: the value of ROLLCALL_TEST_RUN that marks the processes of the run.
folder=$1 mark=$2
marked() {
  grep -lsz "^ROLLCALL_TEST_RUN=$mark\$" /proc/[0-9]*/environ | tr -dc '0-9\n'
}
read -r word
if [ "$word" != "done" ]; then
  # What a process starts while the list is made is on the next list.
  for _ in 1 2 3; do
    for pid in $(marked); do kill -KILL "$pid"; done
  done
fi
# PostgreSQL stops by itself and drops its own folder; under its feet nothing is taken away.
for _ in $(seq 100); do
  ls -d "$folder"/postgres-* > /dev/null 2>&1 || break
  sleep 0.1
done
rm -rf "$folder"
