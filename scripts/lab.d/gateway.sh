# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# gw1: its configuration and its two processes.

readonly CONTROL=$BUILD/control/vipfwd-control
readonly DATAPLANE=$BUILD/dataplane/io/vipfwd-dataplane
readonly VIPCTL=$BUILD/control/cli/vipctl
readonly CONFIG=$STATE/gw1.toml
readonly RUN_DIR=$STATE/gw1

write_config() {
    local node
    cat <<EOF
[gateway]
name = "$PREFIX-gw1"

[dataplane]
workers = 1
flows_per_worker = 65_536
idle = "sleep"
hugepages = $HUGEPAGES

[[port]]
name = "uplink"
device = "${DEVICE[gw1]}"
driver = "$DRIVER"
queues = 1

[[pool]]
name = "web"
backend = [
EOF
    for node in "${BACKENDS[@]}"; do
        echo "  { name = \"$node\", address = \"${ADDRESS[$node]}\" },"
    done
    cat <<EOF
]

[[service]]
name = "web"
vip = "$VIP"
protocol = "tcp"
port = 80
pool = "web"
forward = "ipip"
EOF
}

pid_file() { echo "$STATE/gw1.$1.pid"; }
log_file() { echo "$STATE/gw1.$1.log"; }

process_runs() {
    is_running gw1 "$(pid_file "$1")"
}

process_stopped() {
    ! process_runs "$1"
}

start_process() {
    local process=$1 arguments
    case $process in
        control) arguments=("$CONTROL" --config "$CONFIG" --run-dir "$RUN_DIR") ;;
        dataplane) arguments=("$DATAPLANE" --run-dir "$RUN_DIR") ;;
    esac
    mkdir -p "$RUN_DIR"
    # AF_XDP locks memory; root without the privilege to raise the limit has that to lock at will.
    ulimit -l unlimited 2>/dev/null || true
    setsid ip netns exec "$PREFIX-gw1" "${arguments[@]}" \
        >>"$(log_file "$process")" 2>&1 </dev/null 9>&- &
    echo $! >"$(pid_file "$process")"
    wait_for 2 process_runs "$process" || explain_and_die "$process" 'does not start'
}

explain_and_die() {
    local process=$1 problem=$2
    tail --lines 10 "$(log_file "$process")" >&2
    die "vipfwd-$process $problem; the end of $(log_file "$process") is above"
}

# As vipctl tells: control serves, the dataplane is connected and its ports are open.
gateway_is_ready() {
    in_node gw1 "$VIPCTL" --run-dir "$RUN_DIR" -j show status 2>/dev/null | /usr/bin/python3 -c '
import json, sys
dataplane = json.load(sys.stdin)["dataplane"]
sys.exit(not (dataplane["connected"] and dataplane["ready"]))' 2>/dev/null
}

ready_or_dead() {
    gateway_is_ready || process_stopped control || process_stopped dataplane
}

await_gateway() {
    wait_for 20 ready_or_dead || explain_and_die dataplane 'is not ready after 20 s'
    local process
    for process in control dataplane; do
        process_runs "$process" || explain_and_die "$process" 'died'
    done
}

up_gateway() {
    local process
    if [[ ! -e $CONFIG ]]; then
        write_config >"$CONFIG.new"
        mv "$CONFIG.new" "$CONFIG"
    fi
    for process in control dataplane; do
        process_runs "$process" || start_process "$process"
    done
    await_gateway
}

# What DPDK leaves of a dataplane that was killed: memory, above all.
down_gateway() {
    local hex='[0-9a-f]'
    local name="vipfwd-$PREFIX-gw1-$hex$hex$hex$hex$hex$hex$hex$hex"
    # shellcheck disable=SC2086
    rm -rf /dev/hugepages/${name}map_* /run/dpdk/$name
}

require_process_name() {
    [[ $# -eq 1 && ($1 == control || $1 == dataplane) ]] || wrong_usage 'which: control or dataplane?'
}

start_command() {
    require_process_name "$@"
    require_root
    [[ -e $CONFIG ]] && network_is_up gw1 || die 'gw1 is down: scripts/lab up'
    take_lock
    process_runs "$1" || start_process "$1"
}

stop_command() {
    local signal=TERM
    if [[ ${1:-} == -9 ]]; then
        signal=KILL
        shift
    fi
    require_process_name "$@"
    require_root
    take_lock
    process_runs "$1" || return 0
    kill -s "$signal" "$(<"$(pid_file "$1")")"
    wait_for 10 process_stopped "$1" || die "vipfwd-$1 still runs 10 s after SIG$signal"
}

describe_gateway() {
    if [[ ! -e $CONFIG ]]; then
        echo 'no gateway'
        return
    fi
    local process text='' whole=true
    for process in control dataplane; do
        if process_runs "$process"; then
            text+="$process $(<"$(pid_file "$process")"), "
        else
            text+="$process down, " whole=false
        fi
    done
    if $whole && gateway_is_ready; then
        text+=ready
    else
        text+='not ready' whole=false
    fi
    echo "$text"
    $whole
}
