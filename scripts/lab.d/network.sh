# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The lab's namespaces, links and addresses. Each function creates what is missing.

ensure_namespace() {
    local name=$PREFIX-$1
    ip netns exec "$name" true 2>/dev/null && return
    # A crash may leave the name without the namespace.
    ip netns del "$name" 2>/dev/null || true
    ip netns add "$name"
    # Without duplicate address detection, IPv6 addresses can be used at once. The bridge needs
    # none.
    ip netns exec "$name" sysctl --quiet --write \
        net.ipv6.conf.default.accept_ra=0 \
        net.ipv6.conf.default.accept_dad=0 \
        "net.ipv6.conf.default.disable_ipv6=$([[ $1 == net ]] && echo 1 || echo 0)"
    ip -n "$name" link set lo up
}

ensure_bridge() {
    has_device net br0 && return
    ip -n "$PREFIX-net" link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
    ip -n "$PREFIX-net" link set br0 up
}

has_device() {
    ip -n "$PREFIX-$1" link show dev "$2" &>/dev/null
}

# A node's device; its other end is a port of the bridge, named after the node. Both ends have one
# queue: packets on a queue that the dataplane does not poll would go to the kernel, and DPDK's
# AF_XDP driver sees only one queue of these links. Offloads are off: past the kernel, nothing would
# complete a checksum that is left to the "hardware", and a VLAN tag would not be in the frame.
ensure_link() {
    local node=$1 device=${DEVICE[$1]} address=${ADDRESS[$1]}
    if ! has_device "$node" "$device"; then
        # Its other end may still exist, if the node's namespace has only lost its name.
        ip -n "$PREFIX-net" link del "$node" 2>/dev/null || true
        ip link add name "$device" netns "$PREFIX-$node" \
            address "02:00:00:00:00:$(printf '%02d' "${address##*.}")" \
            numtxqueues 1 numrxqueues 1 \
            type veth peer name "$node" netns "$PREFIX-net" \
            numtxqueues 1 numrxqueues 1
    fi
    local end
    for end in "$node $device" "net $node"; do
        # shellcheck disable=SC2086
        set -- $end
        in_node "$1" ethtool -K "$2" tx off gso off tso off gro off \
            txvlan off tx-vlan-stag-hw-insert off >/dev/null
        ip -n "$PREFIX-$1" link set "$2" mtu "${MTU[$node]}" up
    done
    ip -n "$PREFIX-net" link set "$node" master br0
    ! is_gateway "$node" || runs_keepalived "$node" || [[ -z $VLAN ]] || ensure_tagged "$node"
    is_gateway "$node" && ! runs_keepalived "$node" && [[ $DRIVER == vdev ]] ||
        ensure_addresses "$node" "$device"
}

ensure_addresses() {
    local node=$1 device=$2
    ip -n "$PREFIX-$node" addr replace "${ADDRESS[$node]}/24" dev "$device"
    ip -n "$PREFIX-$node" addr replace "${ADDRESS6[$node]}/64" dev "$device" nodad
}

# Does what a switch does on a tagged port: adds the tags to frames to a gateway, and removes them
# from frames that come from there; frames without them are dropped.
ensure_tagged() {
    local program=$STATE/vlan.o
    clang-14 -O2 -g -target bpf "-I/usr/include/$(uname -m)-linux-gnu" \
        "-DINNER=${VLAN#*.}" "-DOUTER=$([[ $VLAN == *.* ]] && echo "${VLAN%.*}" || echo 0)" \
        -c "$root/scripts/lab.d/vlan.bpf.c" -o "$program"
    tc -n "$PREFIX-net" qdisc replace dev "$1" clsact
    local direction
    for direction in egress ingress; do
        tc -n "$PREFIX-net" filter replace dev "$1" "$direction" pref 1 handle 1 \
            bpf direct-action object-file "$program" section "$direction"
    done
}

up_network() {
    local node
    stop_all strays
    for node in net "${NODES[@]}"; do
        ensure_namespace "$node"
    done
    ensure_bridge
    for node in "${NODES[@]}"; do
        ensure_link "$node"
    done
}

network_is_up() {
    has_device "$1" "${DEVICE[$1]}"
}

# Lists processes of the lab whose namespace has lost its name: they have a path of the lab on their
# command line, and run in a namespace that is neither a node's nor this shell's.
strays() {
    local process node
    for process in $(grep --files-with-matches --fixed-strings "$STATE/" /proc/[0-9]*/cmdline \
        2>/dev/null); do
        process=${process%/cmdline}
        [[ $(cat "$process/comm" 2>/dev/null) =~ ^(nginx|echo\.py|vipfwd-|keepalived) ]] || continue
        [[ -e $process/ns/net && ! $process/ns/net -ef /proc/self/ns/net ]] || continue
        for node in "${NODES[@]}"; do
            [[ ! $process/ns/net -ef /run/netns/$PREFIX-$node ]] || continue 2
        done
        echo "${process##*/}"
    done
}

processes_in_lab() {
    local node
    for node in "${NODES[@]}"; do
        ip netns pids "$PREFIX-$node" 2>/dev/null || true
    done
    strays
}

# Ends the processes that function `$1` lists: first with SIGTERM, then with SIGKILL.
stop_all() {
    local list=$1 signal pids
    for signal in TERM KILL; do
        pids=$("$list")
        # shellcheck disable=SC2086
        [[ -z $pids ]] || kill -s "$signal" $pids 2>/dev/null || true
        wait_for 5 lists_nothing "$list" && return
    done
    die "these processes cannot be killed: $("$list" | tr '\n' ' ')"
}

lists_nothing() {
    [[ -z $("$1") ]]
}

down_network() {
    local node
    for node in "${NODES[@]}" net; do
        [[ ! -e /run/netns/$PREFIX-$node ]] || ip netns del "$PREFIX-$node"
    done
}
