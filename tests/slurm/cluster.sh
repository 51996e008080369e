#!/usr/bin/env bash
# A real Slurm on this machine, for tests: cluster.sh start FOLDER, cluster.sh stop FOLDER.
# It needs root, and apt where Slurm is not installed, else it ends with code 77. To use it: export SLURM_CONF=FOLDER/slurm.conf
# Two partitions, `lab` (the default) and `urgent`, whose jobs pre-empt those of `lab`: these are told, then queued again.
set -euo pipefail
folder=$(mkdir -p "$2" && cd "$2" && pwd)
CAN_NOT=77

install() {
    [ "$(id -u)" = 0 ] || { echo "Slurm can't be started: it needs root" >&2; exit $CAN_NOT; }
    type slurmctld slurmd munged sbatch > /dev/null 2>&1 && return
    {
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -qq --yes --no-install-recommends slurmctld slurmd slurm-client munge
    } > "$folder/install.log" 2>&1 || { echo "Slurm can't be installed: $(tail -n 1 "$folder/install.log")" >&2; exit $CAN_NOT; }
}

configure() {
    local name cpus memory port
    name=$(hostname -s)
    cpus=$(nproc)
    memory=$(awk '/^MemTotal:/ { print int($2 / 1024 * 3 / 4) }' /proc/meminfo)
    port=$((20000 + RANDOM % 20000))
    mkdir -p "$folder/state" "$folder/spool"
    head -c 1024 /dev/urandom > "$folder/munge.key"
    chmod 755 "$folder"
    chmod 600 "$folder/munge.key"
    cat > "$folder/slurm.conf" <<SETTINGS
ClusterName=test
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=1,sched_interval=2,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
JobRequeue=1
KillWait=2
ReturnToService=2
NodeName=$name NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=lab Nodes=$name Default=YES PriorityTier=1 GraceTime=20 MaxTime=INFINITE State=UP
PartitionName=urgent Nodes=$name PriorityTier=2 PreemptMode=OFF MaxTime=INFINITE State=UP
SETTINGS
}

start() {
    install
    configure
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" 2>> "$folder/munged.log"
    export SLURM_CONF=$folder/slurm.conf
    slurmctld
    slurmd
    patiently "node" 'sinfo --noheader --states=idle --format=%n 2> /dev/null | grep -q .'
}

stop() {
    local daemon pid
    export SLURM_CONF=$folder/slurm.conf
    scancel --user="$(id -un)"
    patiently "jobs" '[ -z "$(squeue --noheader)" ]'
    for daemon in slurmd slurmctld munged; do
        pid=$(cat "$folder/$daemon.pid")
        kill "$pid"
        patiently "$daemon" "! kill -0 $pid 2> /dev/null || grep -q '^State:.Z' /proc/$pid/status"
    done
}

patiently() {
    for _ in $(seq 300); do
        eval "$2" && return
        sleep 0.1
    done
    echo "waited 30 seconds for Slurm's $1; its logs are in $folder" >&2
    exit 1
}

"$1"
