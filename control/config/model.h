// SPDX-License-Identifier: Apache-2.0
// The checked configuration: defaults are filled in, and every reference is valid.
// configs/example.toml documents the TOML file that it is loaded from.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/interface_address.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/hash.h"
#include "dataplane/abi/hmac.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::config {

// Keys every hash in a replay without a seed_file, so that all its runs agree. It is public. It
// must not be zero, with which flow_hash would ignore IPv4 addresses.
inline constexpr abi::HashKey kReplayKey{{0x243f6a8885a308d3, 0x13198a2e03707344}};

struct Gateway {
    std::string name = "gateway";
    std::string seed_file;            // empty: none
    std::optional<abi::HashKey> key;  // from seed_file; none: a random one, kept in the region
    bool random_seed = false;         // on purpose, although there are groups
    std::string script_user;          // of scripts; empty: control's own user
    std::uint16_t gue_port = 6080;
    std::uint16_t peer_port = 9871;  // UDP, on all gateways; 0: they only exchange adverts
};

struct Control {
    std::uint32_t threads = 0;  // that build rings at a time; 0: one per CPU that control may use
};

// The default limit of new flows of one service that a worker adds to its table per second once the
// service has its share: by default a flood takes ten seconds to replace what is in this share.
constexpr std::uint32_t default_new_flows_per_s(std::uint64_t flows_per_worker) {
    return static_cast<std::uint32_t>(flows_per_worker / 10);
}

struct Dataplane {
    std::uint32_t workers = 1;
    std::vector<std::uint32_t> lcores;  // one per worker; empty: the dataplane chooses
    std::uint64_t flows_per_worker = 1u << 20;
    abi::Idle idle = abi::Idle::kSpin;
    abi::Memory memory = abi::Memory::kHugepages;  // key: hugepages = true | false
    abi::FlowTimeouts flow_timeouts = abi::kDefaultFlowTimeouts;
    // Per service and worker; 0: no limit.
    std::uint32_t new_flows_per_s = default_new_flows_per_s(flows_per_worker);
    std::uint16_t service_share_percent = abi::kDefaultServiceShare_percent;
};

struct Port {
    std::string name;
    std::string device;
    std::string output;  // pcap only
    abi::Driver driver = abi::Driver::kAfXdp;
    std::uint32_t queues = 1;
    std::optional<MacAddress> mac;
    std::vector<InterfaceAddress> addresses;  // empty: the kernel interface's
    std::uint32_t mtu = 0;                    // 0: the device's
    std::uint16_t vlan = 0;                   // 0: untagged
    std::uint16_t outer_vlan = 0;             // 0: none; only with `vlan`
    // At most one per IP version; none: the port's address. The flow's hash fills the bits after
    // the prefix.
    std::vector<InterfaceAddress> tunnel_sources;
    std::string kernel_interface;  // the tap's name; empty: none
    std::uint32_t kernel_limit_pps = 20'000;
    Location where;
};

struct Neighbor {
    IpAddress address;
    MacAddress mac;
    std::string port;  // empty: the port whose network contains the address, else the first port
    Location where;
};

struct ScriptUser {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;  // its primary group

    friend bool operator==(const ScriptUser&, const ScriptUser&) = default;
};

// A condition that a group depends on, besides its own port and the dataplane. Exactly one of
// `port` (its link), `script` (its exit status), `process` (its existence) and `pool` (whether
// backends of it are up) is set.
struct Track {
    std::string port;                 // by name
    std::vector<std::string> script;  // the program's path and its arguments
    std::string process;              // its name, as in /proc/PID/comm
    std::string pool = {};            // by name
    // 0: the group is ineligible while the track fails. Otherwise the weight is added to the
    // priority: a negative one while the track fails, a positive one while it does not.
    std::int32_t weight = 0;
    // The remaining fields apply to scripts and processes.
    std::uint32_t interval_ms = 1000;
    std::uint32_t timeout_ms = 1000;
    std::uint32_t rise = 1;  // good results in a row that end a failure
    std::uint32_t fall = 1;  // bad results in a row that begin one
    // As whom the script runs: the gateway's script_user. None: as control.
    std::optional<ScriptUser> user = {};

    friend bool operator==(const Track&, const Track&) = default;
};

// "port downlink", "script /usr/local/bin/check -q", "process haproxy", "pool web".
std::string to_string(const Track& track);

// What becomes of adverts that have the group's id, but list none of its VIPs.
enum class ForeignVips {
    kIgnore,  // they do not count
    kObey,    // they decide on the ownership of the group's VIPs, as RFC 9568 has it
};

// An election for VIPs. Its adverts are of the IP version of the first VIP; VIPs of the other IP
// version follow the same election.
struct Group {
    std::string name;
    std::string port;
    std::uint32_t id = 0;
    std::uint32_t priority = 100;
    std::uint8_t version = 3;  // of VRRP; 2 for peers without version 3
    std::uint32_t advert_interval_ms = 1000;
    bool preempt = true;
    std::uint32_t preempt_delay_ms = 0;
    std::uint32_t startup_delay_ms = 0;
    std::uint32_t announce_interval_s = 30;
    bool checksum_pseudo_header = true;  // of adverts of version 3 over IPv4, see vrrp/advert.h
    std::vector<IpAddress> peers;
    std::vector<IpAddress> vips;
    ForeignVips foreign_vips = ForeignVips::kIgnore;
    std::uint32_t hold_ms = 10'000;
    // Authentication of adverts, see dataplane/abi/advert_auth.h.
    std::string auth_key_file;             // empty: none
    std::optional<abi::HmacKey> auth_key;  // from auth_key_file
    std::string auth_second_key_file;
    std::optional<abi::HmacKey> auth_second_key;  // accepted in received adverts, too
    bool auth_required = true;                    // false: unsigned adverts are accepted
    bool kernel_address = false;  // owned VIPs are addresses of the port's kernel interface as well
    bool accept = true;           // Accept_Mode of RFC 9568 §6.1
    std::vector<Track> tracks;
    std::string sync_set;  // groups of one set are eligible together only; empty: none
    Location where;

    // Requires a VIP.
    bool is_v4() const { return vips.front().is_v4(); }
    // Whether some VIPs are not of the IP version of the adverts. Requires a VIP.
    bool has_both_ip_versions() const;
};

enum class CheckType { kNone, kTcp, kHttp, kHttps, kMysql, kAmqp, kDns, kUdp, kScript };

// As they are on the wire.
enum class DnsType : std::uint16_t {
    kA = 1,
    kNs = 2,
    kCname = 5,
    kSoa = 6,
    kPtr = 12,
    kMx = 15,
    kTxt = 16,
    kAaaa = 28
};
enum class DnsRcode : std::uint16_t {
    kNoError = 0,
    kFormErr = 1,
    kServFail = 2,
    kNxDomain = 3,
    kNotImp = 4,
    kRefused = 5
};

// By which way a check reaches the backend.
enum class Via {
    kDirect,  // to the backend's own address, by the kernel's routes
    kTunnel,  // to the VIP, through the encapsulation of the pool's first service
    kLast = kTunnel
};

// HTTP statuses, `last` inclusive.
struct StatusRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

// How the backends of a pool are checked. Checks that are equal for one address run once.
struct Check {
    CheckType type = CheckType::kNone;
    Via via = Via::kDirect;
    std::uint16_t port = 0;
    std::uint32_t interval_ms = 1000;
    std::uint32_t fast_interval_ms = 200;  // after a result that contradicts the verdict
    std::uint32_t timeout_ms = 500;        // for the whole attempt
    std::uint32_t rise = 2;
    std::uint32_t fall = 3;
    // Of the agent on each backend, which is asked every interval_ms beside the check; 0: none.
    std::uint16_t agent_port = 0;
    // TCP and UDP. Without both texts a TCP connection is reset before the server accepts it.
    std::string send = {};
    std::string receive = {};  // what the answer must contain
    // HTTP and HTTPS.
    std::string path = "/";
    // Of the Host header, and the name in TLS; empty: the address that is connected to.
    std::string host = {};
    std::vector<StatusRange> expect = {{200, 399}};
    std::string contains = {};  // what the body must contain
    // HTTPS.
    bool verify = true;        // the server's certificate
    std::string ca_file = {};  // certificates that are trusted; empty: the system's
    // MySQL.
    std::string user = {};
    std::string password_file = {};  // empty: none
    std::string password = {};       // from password_file, without the newline at its end
    bool allow_donor = false;        // a Galera node that is desynchronized
    bool allow_read_only = false;
    // AMQP. Attempts in between only connect, as of TCP.
    std::uint32_t handshake_interval_ms = 10'000;
    // DNS.
    std::string name = {};  // without the dot at its end
    DnsType record = DnsType::kA;
    DnsRcode expect_rcode = DnsRcode::kNoError;
    std::string expect_answer = {};  // the data of one of the records; empty: any, or none
    // Script.
    std::vector<std::string> command = {};  // the program's path and its arguments
    // As whom the script runs: the gateway's script_user. None: as control.
    std::optional<ScriptUser> run_as = {};

    friend bool operator==(const Check&, const Check&) = default;
};

// What becomes of the flows of a backend whose checks fail.
enum class OnDown {
    kAuto,  // they move if the host cannot be reached or a service of the pool is UDP
    kMove,  // they move to other backends
    kKeep,  // they stay
    kLast = kKeep
};

// How many backends of a pool must be up. Both are zero: not given.
struct MinUp {
    std::uint32_t count = 0;
    std::uint32_t percent = 0;  // of the backends of the first tier, 1..100

    bool is_given() const { return count != 0 || percent != 0; }
    friend bool operator==(const MinUp&, const MinUp&) = default;
};

// Which of the backends of a pool that are up get flows.
enum class PoolMode {
    kSpread,  // all of them
    kFirst,   // one at a time, in the order of the file
    kLast = kFirst
};

struct Backend {
    std::string name;
    IpAddress address;
    std::uint32_t weight = 100;  // 0..65535; 0: it keeps its flows and gets no new ones
    // Where it is checked; none and 0: at its address, and at the port of the pool's check.
    std::optional<IpAddress> check_address = {};
    std::uint16_t check_port = 0;
    std::uint32_t tier = 1;  // it gets flows if too few backends of lower tiers are up
    Location where;
};

struct Pool {
    std::string name;
    Check check;
    std::vector<Backend> backends;  // in file order; names and addresses are unique within the pool
    Location where;
    // The size of its ring, a prime number. A pool that is in force keeps the size that it has.
    std::uint32_t ring_slots = abi::kDefaultRingSlots;
    OnDown on_down = OnDown::kAuto;
    MinUp min_up = {};
    PoolMode mode = PoolMode::kSpread;
    bool failback = false;  // with kFirst: a more preferred backend that is up again takes over
    // How long a backend that comes up takes to get all of its weight.
    std::uint32_t slow_start_ms = 0;
};

struct Service {
    std::string name;
    IpAddress vip;
    abi::Protocol protocol = abi::Protocol::kTcp;
    std::uint16_t port_first = 0;  // 0..65535: any
    std::uint16_t port_last = 0;   // inclusive
    std::size_t pool = 0;          // index into Config::pools
    abi::Forward forward = abi::Forward::kIpip;
    abi::Affinity affinity = abi::Affinity::kNone;
    bool pin_flows = true;  // false: flows are not remembered, the ring selects for each packet
    // The VIP is in no group though there are groups: this gateway answers for it whatever the
    // elections say.
    bool always_owned = false;
    Location where;
};

// "any port", "port 80", "ports 8000-8099".
std::string ports_text(std::uint16_t first, std::uint16_t last);

struct Config {
    Gateway gateway;
    Control control;
    Dataplane dataplane;
    std::vector<Port> ports;
    std::vector<Neighbor> neighbors;
    std::vector<Group> groups;
    std::vector<Pool> pools;
    std::vector<Service> services;
    // VIPs whose groups cannot run before the dataplane's next start (control/plan/defer.h). Until
    // then this gateway does not answer for them.
    std::vector<IpAddress> unowned_vips;
};

// The pool of that name, or null.
const Pool* find_pool(const Config& config, std::string_view name);

// The name of the pool's backend at that address; the address if there is none, or no pool.
std::string backend_name(const Pool* pool, const IpAddress& address);

// False for a group on a capture, where no advert can be received: its VIPs are always owned.
bool is_elected(const Config& config, const Group& group);

}  // namespace vipfwd::config
