# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A web server that takes the VIP's packets out of their tunnel and answers the client directly.

readonly DECAP=$BUILD/control/decap/vipfwd-decap

# The VIP is on loopback, where no ARP is answered for it. Decapsulated packets come from an
# interface that their source is not routed to.
configure_backend() {
    local node=$1 device=${DEVICE[$1]}
    ip -n "$PREFIX-$node" addr replace "$VIP/32" dev lo
    in_node "$node" sysctl --quiet --write \
        net.ipv4.conf.all.arp_ignore=1 \
        net.ipv4.conf.all.arp_announce=2 \
        net.ipv4.conf.all.rp_filter=0 \
        "net.ipv4.conf.$device.rp_filter=0"
    in_node "$node" "$DECAP" attach "$device" >/dev/null
}

write_web_server() {
    local node=$1 directory=$2
    mkdir -p "$directory/temporary" "$directory/files"
    truncate --size 200M "$directory/files/big"
    cat >"$directory/nginx.conf" <<EOF
user www-data;
worker_processes 1;
pid $directory/nginx.pid;
error_log $directory/error.log;
events {
    worker_connections 4096;
}
http {
    access_log $directory/access.log;
    sendfile on;
    client_max_body_size 0;
    client_body_temp_path $directory/temporary;
    proxy_temp_path $directory/temporary;
    fastcgi_temp_path $directory/temporary;
    uwsgi_temp_path $directory/temporary;
    scgi_temp_path $directory/temporary;
    server {
        listen 80;
        default_type text/plain;
        add_header X-Backend $node always;
        location / {
            return 200 "$node\n";
        }
        location = /healthz {
            return 200 "ok\n";
        }
        location = /big {
            alias $directory/files/big;
        }
        location = /slow {
            alias $directory/files/big;
            limit_rate 2m;
        }
    }
}
EOF
}

ensure_web_server() {
    local node=$1 directory=$STATE/$1
    is_running "$node" "$directory/nginx.pid" && return
    stop_orphans "$node"
    write_web_server "$node" "$directory"
    in_node "$node" nginx -p "$directory" -e "$directory/error.log" -c "$directory/nginx.conf" \
        9>&- || die "$node: nginx does not start, see $directory/error.log"
    wait_for 5 is_running "$node" "$directory/nginx.pid" || die "$node: nginx wrote no pid file"
}

# Workers of a master that was killed hold on to its port.
stop_orphans() {
    local pid
    for pid in $(ip netns pids "$PREFIX-$1"); do
        if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == nginx ]]; then
            kill -KILL "$pid" 2>/dev/null || true
        fi
    done
}

up_backend() {
    configure_backend "$1"
    ensure_web_server "$1"
}

describe_backend() {
    local node=$1 pid_file=$STATE/$1/nginx.pid web decap whole=true
    if is_running "$node" "$pid_file"; then
        web="nginx $(<"$pid_file")"
    else
        web='nginx down' whole=false
    fi
    if decap=$(in_node "$node" "$DECAP" status 2>/dev/null | grep "^${DEVICE[$node]}:"); then
        decap=${decap#*: } decap="decap ${decap%% *}"
    else
        decap='decap not attached' whole=false
    fi
    echo "$web, $decap"
    $whole
}
