# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# gw1: its configuration and its two processes.

readonly CONTROL=$BUILD/control/vipfwd-control
readonly DATAPLANE=$BUILD/dataplane/io/vipfwd-dataplane
readonly VIPCTL=$BUILD/control/cli/vipctl
readonly CONFIG=$STATE/gw1.toml
readonly RUN_DIR=$STATE/gw1

readonly TAP=uplink

# What clients find on which port of both VIPs, by TCP (web) and by UDP (echo): how packets get to
# the backends, and the pool behind the IPv4 VIP and the one behind the IPv6 VIP.
readonly FORWARD_PORTS=(80 81 82 83 84)
declare -rA FORWARD=(
    [80]='ipip web web6' [81]='ipip web6 web' [82]='gue web web6' [83]='gue web6 web'
    [84]='l2 web web6')
declare -rA SUFFIX=([80]='' [81]=-crossed [82]=-gue [83]=-gue-crossed [84]=-l2)

write_config() {
    cat <<EOF
[gateway]
name = "$PREFIX-gw1"

[dataplane]
workers = $WORKERS
flows_per_worker = 65_536
idle = "sleep"
hugepages = $HUGEPAGES

[[port]]
name = "uplink"
EOF
    write_port
    write_pool web ADDRESS
    write_pool web6 ADDRESS6
    local port
    for port in "${FORWARD_PORTS[@]}"; do
        # shellcheck disable=SC2086
        write_services "$port" ${FORWARD[$port]}
    done
}

write_port() {
    local device=${DEVICE[gw1]}
    [[ $DRIVER != vdev ]] || device="net_af_xdp0,iface=$device"
    cat <<EOF
device = "$device"
driver = "$DRIVER"
queues = $WORKERS
EOF
    [[ $DRIVER != vdev ]] || printf 'kernel_interface = "%s"\nmtu = %s\n' "$TAP" "${MTU[gw1]}"
    [[ -z $VLAN ]] || echo "vlan = ${VLAN#*.}"
    [[ $VLAN != *.* ]] || echo "outer_vlan = ${VLAN%.*}"
    [[ -z $VLAN && $DRIVER != vdev ]] ||
        echo "addresses = [\"${ADDRESS[gw1]}/24\", \"${ADDRESS6[gw1]}/64\"]"
    [[ -z $VLAN ]] || write_neighbors
}

# This kernel has no VLAN devices to learn them by.
write_neighbors() {
    local node address
    for node in "${BACKENDS[@]}"; do
        for address in "${ADDRESS[$node]}" "${ADDRESS6[$node]}"; do
            printf '\n[[neighbor]]\naddress = "%s"\nmac = "02:00:00:00:00:%s"\n' \
                "$address" "${ADDRESS[$node]##*.}"
        done
    done
}

write_pool() {
    local name=$1 node
    local -n addresses=$2
    printf '\n[[pool]]\nname = "%s"\nbackend = [\n' "$name"
    for node in "${BACKENDS[@]}"; do
        echo "  { name = \"$node\", address = \"${addresses[$node]}\" },"
    done
    echo ']'
}

write_services() {
    local port=$1 forward=$2 pool=$3 pool6=$4 suffix=${SUFFIX[$1]}
    write_service "web$suffix" "$VIP" tcp "$port" "$pool" "$forward"
    write_service "web6$suffix" "$VIP6" tcp "$port" "$pool6" "$forward"
    write_service "echo$suffix" "$VIP" udp "$port" "$pool" "$forward"
    write_service "echo6$suffix" "$VIP6" udp "$port" "$pool6" "$forward"
}

write_service() {
    cat <<EOF

[[service]]
name = "$1"
vip = "$2"
protocol = "$3"
port = $4
pool = "$5"
forward = "$6"
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
    [[ $process != dataplane || $DRIVER != vdev ]] || ensure_tap
}

# The dataplane brings the tap along; its addresses are for the kernel to have.
ensure_tap() {
    wait_for 20 tap_or_death || explain_and_die dataplane "makes no $TAP within 20 s"
    process_runs dataplane || explain_and_die dataplane 'died'
    ip -n "$PREFIX-gw1" link set "$TAP" up
    ensure_addresses gw1 "$TAP"
}

tap_or_death() {
    has_device gw1 "$TAP" || process_stopped dataplane
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
