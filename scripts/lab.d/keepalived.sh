# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A gateway that runs keepalived: it participates in the election and holds the VIPs, but forwards
# nothing.

readonly KEEPALIVED=/usr/sbin/keepalived

runs_keepalived() {
    [[ -n $KEEPALIVED_GATEWAY && $1 == "$KEEPALIVED_GATEWAY" ]]
}

# One election over IPv4, which decides about the IPv6 VIP too, as in our group. keepalived gets
# real-time priority, like our gateways, and may use it without a limit of 1 s. Its announcements
# are repeated only once, so that they end within a test.
write_keepalived_config() {
    local gateway=$1
    cat <<EOF
global_defs {
    router_id $PREFIX-$gateway
    enable_script_security
    script_user root
    vrrp_version 3
    vrrp_rt_priority 10
    vrrp_rlimit_rttime 1000000
    vrrp_garp_master_delay 1
    vrrp_garp_master_repeat 1
    vrrp_garp_lower_prio_delay 1
    vrrp_garp_lower_prio_repeat 1
}
vrrp_instance edge {
    interface ${DEVICE[$gateway]}
    virtual_router_id 51
    priority ${PRIORITY[$gateway]}
    advert_int $((ADVERT_MS / 1000)).$(printf '%03d' $((ADVERT_MS % 1000)))
    virtual_ipaddress {
        $VIP/32
    }
    virtual_ipaddress_excluded {
        $VIP6/128
    }
}
EOF
}

# Sets `arguments`. A child of keepalived holds the election, in the same process group; it is not
# restarted if it dies.
keepalived_arguments() {
    local gateway=$1
    arguments=("$KEEPALIVED" --vrrp --dont-fork --dont-respawn --log-console --no-syslog
        --use-file "$(config_of "$gateway")"
        --pid "$STATE/$gateway/keepalived.pid" --vrrp_pid "$STATE/$gateway/vrrp.pid")
}

# Whether that child runs.
keepalived_elects() {
    is_running "$1" "$STATE/$1/vrrp.pid"
}

# Removes what a killed keepalived leaves: the VIPs, whatever configuration it had, and its pid
# files, which the next one would take for valid while a zombie has the pid.
remove_remains() {
    local device=${DEVICE[$1]} address
    rm -f "$STATE/$1/keepalived.pid" "$STATE/$1/vrrp.pid"
    for address in $(ip -n "$PREFIX-$1" -oneline address show dev "$device" |
        awk '$4 ~ "/(32|128)$" { print $4 }'); do
        ip -n "$PREFIX-$1" address delete "$address" dev "$device"
    done
}

keepalived_owns_vips() {
    [[ -n $(ip -n "$PREFIX-$1" address show dev "${DEVICE[$1]}" to "$VIP/32") ]]
}
