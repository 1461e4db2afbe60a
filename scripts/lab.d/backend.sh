# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A backend: a web server, and a server that echoes datagrams. They receive packets to the VIPs, out
# of tunnels or not, and answer the client directly.

readonly DECAP=$BUILD/control/decap/vipfwd-decap

# The VIPs are on loopback, where no ARP is answered for them. rp_filter is off because decapsulated
# packets arrive by an interface to which their source is not routed. The MTU of the client's link
# is smaller than the backend's.
configure_backend() {
    local node=$1 device=${DEVICE[$1]}
    ip -n "$PREFIX-$node" addr replace "$VIP/32" dev lo
    ip -n "$PREFIX-$node" addr replace "$VIP6/128" dev lo nodad
    local address
    for address in "${ADDRESS[client]}" "${ADDRESS6[client]}"; do
        ip -n "$PREFIX-$node" route replace "$address" dev "$device" mtu "${MTU[client]}"
    done
    in_node "$node" sysctl --quiet --write \
        net.ipv4.conf.all.arp_ignore=1 \
        net.ipv4.conf.all.arp_announce=2 \
        net.ipv4.conf.all.rp_filter=0 \
        "net.ipv4.conf.$device.rp_filter=0"
    local gateway allowed=()
    for gateway in "${ALL_GATEWAYS[@]}"; do
        allowed+=(--allow "${ADDRESS[$gateway]}" --allow "${ADDRESS6[$gateway]}")
    done
    in_node "$node" "$DECAP" attach "$device" "${allowed[@]}" >/dev/null
}

listen_on() {
    local port
    for port; do
        echo "        listen $port;"
        echo "        listen [::]:$port;"
    done
}

# /upload answers with the number of bytes it has received, with request line and headers.
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
$(listen_on "${FORWARD_PORTS[@]}")
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
        location = /upload {
            proxy_pass http://unix:$directory/received;
            proxy_pass_request_body off;
            proxy_set_header Content-Length '';
            proxy_set_header X-Received \$request_length;
        }
    }
    server {
        listen unix:$directory/received;
        location / {
            return 200 "\$http_x_received\n";
        }
    }
}
EOF
}

ensure_web_server() {
    local node=$1 directory=$STATE/$1
    is_running "$node" "$directory/nginx.pid" && return
    stop_orphans "$node"
    rm -f "$directory/received"  # left by a killed nginx; a new one could not bind to it
    write_web_server "$node" "$directory"
    in_node "$node" nginx -p "$directory" -e "$directory/error.log" -c "$directory/nginx.conf" \
        9>&- || die "$node: nginx does not start; see $directory/error.log"
    wait_for 5 is_running "$node" "$directory/nginx.pid" || die "$node: nginx wrote no pid file"
}

# Kills the workers of a killed master: they keep its port.
stop_orphans() {
    local pid
    for pid in $(ip netns pids "$PREFIX-$1"); do
        if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == nginx ]]; then
            kill -KILL "$pid" 2>/dev/null || true
        fi
    done
}

ensure_echo_server() {
    local node=$1 directory=$STATE/$1
    is_running "$node" "$directory/echo.pid" && return
    rm -f "$directory/echo.pid"
    setsid ip netns exec "$PREFIX-$node" "$root/scripts/lab.d/echo.py" \
        "$directory/echo.pid" "$node" "${FORWARD_PORTS[*]}" "$VIP" "$VIP6" \
        >"$directory/echo.log" 2>&1 </dev/null 9>&- &
    wait_for 5 is_running "$node" "$directory/echo.pid" ||
        die "$node: the echo server does not start; see $directory/echo.log"
}

up_backend() {
    configure_backend "$1"
    ensure_web_server "$1"
    ensure_echo_server "$1"
}

describe_backend() {
    local node=$1 servers='' decap server whole=true
    for server in nginx echo; do
        if is_running "$node" "$STATE/$node/$server.pid"; then
            servers+="$server $(<"$STATE/$node/$server.pid"), "
        else
            servers+="$server down, " whole=false
        fi
    done
    if decap=$(in_node "$node" "$DECAP" status 2>/dev/null | grep "^${DEVICE[$node]}:"); then
        decap=${decap#*: } decap="decap ${decap%% *}"
    else
        decap='decap not attached' whole=false
    fi
    echo "$servers$decap"
    $whole
}
