# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A gateway: its configuration and its two processes, or those of keepalived (keepalived.sh).

readonly CONTROL=$BUILD/control/vipfwd-control
readonly DATAPLANE=$BUILD/dataplane/io/vipfwd-dataplane
readonly VIPCTL=$BUILD/control/cli/vipctl

readonly TAP=uplink

# The services on the ports of both VIPs, over TCP (web) and UDP (echo): the forwarding mode, the
# pool behind the IPv4 VIP, and the pool behind the IPv6 VIP.
readonly FORWARD_PORTS=(80 81 82 83 84)
declare -rA FORWARD=(
    [80]='ipip web web6' [81]='ipip web6 web' [82]='gue web web6' [83]='gue web6 web'
    [84]='l2 web web6')
declare -rA SUFFIX=([80]='' [81]=-crossed [82]=-gue [83]=-gue-crossed [84]=-l2)

config_of() {
    if runs_keepalived "$1"; then
        echo "$STATE/$1.keepalived.conf"
    else
        echo "$STATE/$1.toml"
    fi
}

processes_of() {
    if runs_keepalived "$1"; then
        echo keepalived
    else
        echo control dataplane
    fi
}

run_dir_of() { echo "$STATE/$1"; }

# One for all gateways, and for all labs: tests then see the same choices in each run.
write_seed() {
    (umask 077 && echo 'the seed of every lab of vipfwd' >"$STATE/seed")
}

write_config() {
    local gateway=$1
    cat <<EOF
[gateway]
name = "$PREFIX-$gateway"
seed_file = "$STATE/seed"

[dataplane]
workers = $WORKERS
flows_per_worker = 65_536
idle = "sleep"
hugepages = $HUGEPAGES

[[port]]
name = "uplink"
EOF
    write_port "$gateway"
    ((${#GATEWAYS[@]} == 1)) || write_group "$gateway"
    write_pool web ADDRESS
    write_pool web6 ADDRESS6
    local port
    for port in "${FORWARD_PORTS[@]}"; do
        # shellcheck disable=SC2086
        write_services "$port" ${FORWARD[$port]}
    done
}

# gw1 has the highest priority.
write_group() {
    cat <<EOF

[[group]]
name = "edge"
port = "uplink"
id = 51
priority = ${PRIORITY[$1]}
advert_interval_ms = $ADVERT_MS
vips = ["$VIP", "$VIP6"]
EOF
}

write_port() {
    local gateway=$1
    local device=${DEVICE[$gateway]}
    [[ $DRIVER != vdev ]] || device="net_af_xdp0,iface=$device"
    cat <<EOF
device = "$device"
driver = "$DRIVER"
queues = $WORKERS
EOF
    [[ $DRIVER != vdev ]] || printf 'kernel_interface = "%s"\nmtu = %s\n' "$TAP" "${MTU[$gateway]}"
    [[ -z $VLAN ]] || echo "vlan = ${VLAN#*.}"
    [[ $VLAN != *.* ]] || echo "outer_vlan = ${VLAN%.*}"
    [[ -z $VLAN && $DRIVER != vdev ]] ||
        echo "addresses = [\"${ADDRESS[$gateway]}/24\", \"${ADDRESS6[$gateway]}/64\"]"
    [[ -z $VLAN ]] || write_neighbors
}

# Static neighbors, because this kernel has no VLAN devices by which to learn them.
write_neighbors() {
    local node address
    for node in "${BACKENDS[@]}"; do
        for address in "${ADDRESS[$node]}" "${ADDRESS6[$node]}"; do
            printf '\n[[neighbor]]\naddress = "%s"\nmac = "02:00:00:00:00:%s"\n' \
                "$address" "${ADDRESS[$node]##*.}"
        done
    done
}

readonly CHECK='check = { type = "tcp", port = 80, interval_ms = 500, timeout_ms = 500, fall = 2 }'

write_pool() {
    local name=$1 node
    local -n addresses=$2
    printf '\n[[pool]]\nname = "%s"\n' "$name"
    [[ $CHECKS == false ]] || echo "$CHECK"
    echo 'backend = ['
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

pid_file() { echo "$STATE/$1.$2.pid"; }
log_file() { echo "$STATE/$1.$2.log"; }

process_runs() {
    is_running "$1" "$(pid_file "$@")" || { [[ $2 == keepalived ]] && keepalived_elects "$1"; }
}

process_stopped() {
    ! process_runs "$@"
}

start_process() {
    local gateway=$1 process=$2 arguments run_dir
    run_dir=$(run_dir_of "$gateway")
    case $process in
        control) arguments=("$CONTROL" --config "$(config_of "$gateway")" --run-dir "$run_dir") ;;
        dataplane) arguments=("$DATAPLANE" --run-dir "$run_dir") ;;
        keepalived)
            keepalived_arguments "$gateway"
            remove_remains "$gateway"
            ;;
    esac
    mkdir -p "$run_dir"
    # AF_XDP locks memory. If root lacks the privilege to raise this limit, it is not subject to it.
    ulimit -l unlimited 2>/dev/null || true
    setsid ip netns exec "$PREFIX-$gateway" "${arguments[@]}" \
        >>"$(log_file "$gateway" "$process")" 2>&1 </dev/null 9>&- &
    echo $! >"$(pid_file "$gateway" "$process")"
    wait_for 2 process_runs "$gateway" "$process" ||
        explain_and_die "$gateway" "$process" 'does not start'
    [[ $process != dataplane || $DRIVER != vdev ]] || ensure_tap "$gateway"
}

# The dataplane creates the tap; the kernel gets its addresses here.
ensure_tap() {
    local gateway=$1
    wait_for 20 tap_or_death "$gateway" ||
        explain_and_die "$gateway" dataplane "makes no $TAP within 20 s"
    process_runs "$gateway" dataplane || explain_and_die "$gateway" dataplane 'died'
    ip -n "$PREFIX-$gateway" link set "$TAP" up
    ensure_addresses "$gateway" "$TAP"
}

tap_or_death() {
    has_device "$1" "$TAP" || process_stopped "$1" dataplane
}

explain_and_die() {
    local gateway=$1 process=$2 problem=$3
    tail --lines 10 "$(log_file "$gateway" "$process")" >&2
    die "$process of $gateway $problem; the end of $(log_file "$gateway" "$process") is above"
}

# Whether control answers vipctl, the dataplane is connected and its ports are open. vipctl exits with
# another status than 0 if the gateway is degraded.
gateway_is_ready() {
    { in_node "$1" "$VIPCTL" --run-dir "$(run_dir_of "$1")" -j show status 2>/dev/null || true; } |
        /usr/bin/python3 -c '
import json, sys
dataplane = json.load(sys.stdin)["dataplane"]
sys.exit(not (dataplane["connected"] and dataplane["ready"]))' 2>/dev/null
}

ready_or_dead() {
    gateway_is_ready "$1" || process_stopped "$1" control || process_stopped "$1" dataplane
}

await_gateway() {
    runs_keepalived "$1" || wait_for 20 ready_or_dead "$1" ||
        explain_and_die "$1" dataplane 'is not ready after 20 s'
    local process
    for process in $(processes_of "$1"); do
        process_runs "$1" "$process" || explain_and_die "$1" "$process" 'died'
    done
}

up_gateway() {
    local gateway=$1 process config
    config=$(config_of "$gateway")
    if [[ ! -e $config ]]; then
        if runs_keepalived "$gateway"; then
            write_keepalived_config "$gateway" >"$config.new"
        else
            write_config "$gateway" >"$config.new"
        fi
        mv "$config.new" "$config"
    fi
    for process in $(processes_of "$gateway"); do
        process_runs "$gateway" "$process" || start_process "$gateway" "$process"
    done
    await_gateway "$gateway"
}

# Whether a gateway owns the VIPs. A single gateway does from the start.
vips_are_owned() {
    local gateway
    for gateway in "${GATEWAYS[@]}"; do
        ! owns_vips "$gateway" || return 0
    done
    return 1
}

owns_vips() {
    if runs_keepalived "$1"; then
        keepalived_owns_vips "$1"
    else
        in_node "$1" "$VIPCTL" --run-dir "$(run_dir_of "$1")" -j show groups |
            grep --quiet '"state": "active"'
    fi
}

await_owner() {
    ((${#GATEWAYS[@]} == 1)) || wait_for 20 vips_are_owned ||
        die 'no gateway owns the VIPs after 20 s'
}

# Whether the dataplane forwards by the newest tables, and all backends have a next hop.
gateway_serves() {
    local run_dir
    run_dir=$(run_dir_of "$1")
    { in_node "$1" "$VIPCTL" --run-dir "$run_dir" -j show status || true
      in_node "$1" "$VIPCTL" --run-dir "$run_dir" -j show backends; } 2>/dev/null |
        /usr/bin/python3 -c '
import json, sys
words, decoder = sys.stdin.read(), json.JSONDecoder()
status, end = decoder.raw_decode(words)
backends = json.loads(words[end:])
dataplane = status["dataplane"]
sys.exit(dataplane["acknowledged_generation"] != status["generation"]
         or not all(row["next_hop"]["resolved"] for row in backends))' 2>/dev/null
}

# Gives the gateways time to resolve the next hops of their backends, which takes the kernel some
# 100 ms, and a second if its first question is lost. A backend that is down has none: go on then.
await_next_hops() {
    local gateway
    for gateway in "${GATEWAYS[@]}"; do
        runs_keepalived "$gateway" || wait_for 3 gateway_serves "$gateway" || true
    done
}

# Removes what DPDK leaves of a killed dataplane, above all its hugepages.
down_gateway() {
    local hex='[0-9a-f]'
    local name="vipfwd-$PREFIX-$1-$hex$hex$hex$hex$hex$hex$hex$hex"
    # shellcheck disable=SC2086
    rm -rf /dev/hugepages/${name}map_* /run/dpdk/$name
}

# Sets `gateway` and `process` from the arguments: [GATEWAY] control|dataplane|keepalived.
read_process() {
    gateway=gw1
    if [[ ${1:-} == gw* ]]; then
        gateway=$1
        shift
    fi
    is_gateway "$gateway" || wrong_usage "no gateway '$gateway'"
    local all
    all=$(processes_of "$gateway")
    [[ $# -eq 1 && " $all " == *" $1 "* ]] || wrong_usage "name a process: ${all// / or }"
    process=$1
}

start_command() {
    local gateway process
    read_process "$@"
    require_root
    [[ -e $(config_of "$gateway") ]] && network_is_up "$gateway" ||
        die "$gateway is not up: run scripts/lab up"
    take_lock
    process_runs "$gateway" "$process" || start_process "$gateway" "$process"
}

stop_command() {
    local gateway process pid signal=TERM
    if [[ ${1:-} == -9 ]]; then
        signal=KILL
        shift
    fi
    read_process "$@"
    require_root
    take_lock
    process_runs "$gateway" "$process" || return 0
    pid=$(<"$(pid_file "$gateway" "$process")")
    # SIGKILL goes to keepalived's whole process group: its child, left alone, would resign with an
    # advert of priority 0.
    [[ $process != keepalived || $signal != KILL ]] || pid=-$pid
    kill -s "$signal" -- "$pid"
    wait_for 15 process_stopped "$gateway" "$process" ||
        die "$process of $gateway still runs 15 s after SIG$signal"
}

describe_gateway() {
    local gateway=$1 process text='' whole=true
    if [[ ! -e $(config_of "$gateway") ]]; then
        echo 'no gateway'
        return
    fi
    for process in $(processes_of "$gateway"); do
        if process_runs "$gateway" "$process"; then
            text+="$process $(<"$(pid_file "$gateway" "$process")"), "
        else
            text+="$process down, " whole=false
        fi
    done
    if runs_keepalived "$gateway"; then
        text+=$(keepalived_owns_vips "$gateway" && echo 'has the VIPs' || echo 'without the VIPs')
    elif $whole && gateway_is_ready "$gateway"; then
        text+=ready
    else
        text+='not ready' whole=false
    fi
    echo "$text"
    $whole
}
