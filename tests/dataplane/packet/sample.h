// SPDX-License-Identifier: Apache-2.0
// Tables and frames for the tests of the packet core.
//
//   VIP 10.0.0.100  tcp 80 -> web, udp 53 -> dns, tcp 8000-8099 -> web, tcp 81 -> web6
//   VIP 10.0.0.101  tcp any -> dns
//   VIP 10.0.0.102  not owned, tcp 80 -> web
//   VIP fd00::100   tcp 80 -> web6, udp 53 -> web6, tcp 81 -> web
//
//   pool web   10.0.0.11..13
//   pool dns   10.0.0.21..22
//   pool web6  fd00::11..12
//
//   port 0     10.0.0.1, fd00::1, MTU 1500
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/validate.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet::sample {

inline constexpr MacAddress kPortMac{{2, 0, 0, 0, 0, 1}};
inline constexpr std::uint16_t kUnowned = 0;  // a lease that no gateway holds
inline constexpr MacAddress kClientMac{{2, 0, 0, 0, 0, 0x50}};
inline constexpr abi::FlowTimeouts kTimeouts = abi::kDefaultFlowTimeouts;

using Bytes = std::vector<std::uint8_t>;

inline IpAddress ip(const std::string& text) {
    return parse_ip(text).value();
}

// The index of the service, or kNone.
inline std::uint32_t find_service(const Tables& tables, const IpAddress& vip, std::uint8_t protocol,
                                  std::uint16_t port) {
    const std::uint64_t part = abi::FlowHash(tables.generation.header.key).destination_part(vip);
    const std::uint32_t target = make_target(protocol, Be16::from_host(port));
    return tables.index.find_service(ServiceIndex::service_bucket(part, target),
                                     tables.services.data(), vip, target);
}

// Tables, with memory of their own for rings. Tests may change `generation()` and `port()`, and
// must call rebuild() after changes of VIPs or services.
class World {
  public:
    explicit World(std::size_t pools = 8)
        : rings_(std::make_unique<std::uint16_t[]>(std::max<std::size_t>(pools, 3) *
                                                   abi::kRingStoreSlots)) {
        std::memset(static_cast<void*>(&generation()), 0, sizeof(abi::Generation));
        abi::GenerationHeader& header = generation().header;
        header.magic = abi::kGenerationMagic;
        header.generation = 1;
        header.key = {{0x1111, 0x2222}};
        header.port_count = 1;
        header.timeouts = kTimeouts;
        header.service_share_percent = abi::kDefaultServiceShare_percent;
        header.gue_port = 6080;
        for (const char* vip : {"10.0.0.100", "10.0.0.101", "10.0.0.102", "fd00::100"})
            add_vip(vip, true);
        generation().vips[2].lease = kUnowned;
        add_pool("web", {"10.0.0.11", "10.0.0.12", "10.0.0.13"});
        add_pool("dns", {"10.0.0.21", "10.0.0.22"});
        add_pool("web6", {"fd00::11", "fd00::12"});
        add_service("10.0.0.100", 6, 80, 80, 0);
        add_service("10.0.0.100", 17, 53, 53, 1);
        add_service("10.0.0.100", 6, 8000, 8099, 0);
        add_service("10.0.0.101", 6, 0, 65535, 1);
        add_service("10.0.0.102", 6, 80, 80, 0);
        add_service("fd00::100", 6, 80, 80, 2);
        add_service("fd00::100", 17, 53, 53, 2);
        add_service("fd00::100", 6, 81, 81, 0);
        add_service("10.0.0.100", 6, 81, 81, 2);
        rebuild();
    }

    abi::Generation& generation() { return tables_->generation; }
    PortView& port(std::size_t number = 0) { return tables_->ports[number]; }
    // Derives the views again, because tests may have changed what they are derived from.
    const Tables& tables() const {
        derive_views(*tables_);
        return *tables_;
    }
    std::span<std::uint16_t> ring(std::size_t pool) {
        return abi::ring_of(generation().pools[pool], rings_.get());
    }
    std::uint16_t* rings() { return rings_.get(); }

    void add_vip(const std::string& address, bool owned) {
        abi::VipEntry& vip = generation().vips[generation().header.vip_count++];
        vip.address = ip(address);
        vip.lease = owned ? abi::kNoGroup : kUnowned;
    }

    void add_pool(const char* name, const std::vector<std::string>& addresses) {
        const std::uint32_t index = generation().header.pool_count++;
        abi::PoolEntry& pool = generation().pools[index];
        std::strcpy(pool.name, name);
        pool.salt = index + 1;
        pool.backend_base = generation().header.backend_count;
        pool.backend_count = static_cast<std::uint32_t>(addresses.size());
        pool.ring_store = index;
        pool.ring_slots = abi::kDefaultRingSlots;
        for (const std::string& address : addresses) {
            const std::uint32_t number = generation().header.backend_count++;
            abi::BackendEntry& backend = generation().backends[number];
            backend.address = ip(address);
            backend.next_hop = {{2, 0, 0, 0, 1, backend.address.bytes[15]}};
            backend.resolved = 1;
            backend.state = static_cast<std::uint8_t>(abi::BackendState::kServing);
            backend.counter = number;
        }
        for (std::uint32_t slot = 0; slot < abi::kDefaultRingSlots; ++slot)
            ring(index)[slot] = static_cast<std::uint16_t>(slot % addresses.size());
    }

    void add_service(const std::string& vip, std::uint8_t protocol, std::uint16_t first,
                     std::uint16_t last, std::uint32_t pool) {
        const std::uint32_t number = generation().header.service_count++;
        abi::ServiceEntry& service = generation().services[number];
        service.vip = ip(vip);
        service.protocol = protocol;
        service.port_first = first;
        service.port_last = last;
        service.flow_class = static_cast<std::uint8_t>(number);
        service.pool = pool;
        service.counter = number;
    }

    void rebuild() {
        tables_->rings = rings_.get();
        tables_->ports[0].mac = kPortMac;
        tables_->ports[0].mtu = 1500;
        tables_->ports[0].source_v4 = ip("10.0.0.1");
        tables_->ports[0].source_v6 = ip("fd00::1");
        derive(*tables_);
    }

  private:
    std::unique_ptr<Tables> tables_ = std::make_unique<Tables>();
    std::unique_ptr<std::uint16_t[]> rings_;
};

// Describes a packet. The default is a SYN from a client to the web service.
struct Spec {
    std::string source = "10.0.0.50";
    std::string destination = "10.0.0.100";
    std::uint8_t protocol = kIpProtocolTcp;
    std::uint16_t source_port = 40000;
    std::uint16_t destination_port = 80;
    std::uint8_t tcp_flags = kTcpSyn;
    std::size_t payload = 0;
    std::size_t options = 0;  // bytes of IP options, a multiple of 4
    std::size_t padding = 0;  // bytes behind the IP packet
    std::uint8_t tos = 0;
    std::uint8_t ttl = 64;
    std::uint16_t fragment = kIpv4DontFragment;
    MacAddress destination_mac = kPortMac;
    std::uint16_t udp_checksum = 0;
    Bytes extensions{};                               // of IPv6; the last one must name `protocol`
    std::uint8_t first_header = kIpProtocolHopByHop;  // the type of the first extension header
};

inline void seal_ipv4(Bytes& frame) {
    const std::size_t length = (frame[14] & 0xfu) * 4;
    frame[24] = frame[25] = 0;
    const Be16 checksum = internet_checksum(std::span(frame).subspan(14, length));
    std::memcpy(&frame[24], &checksum, 2);
}

inline std::size_t l4_header_bytes(const Spec& spec) {
    return spec.protocol == kIpProtocolTcp   ? sizeof(TcpHeader)
           : spec.protocol == kIpProtocolUdp ? sizeof(UdpHeader)
                                             : 0;
}

inline void write_l4(std::uint8_t* place, const Spec& spec) {
    if (spec.protocol == kIpProtocolTcp) {
        TcpHeader tcp{};
        tcp.source_port = Be16::from_host(spec.source_port);
        tcp.destination_port = Be16::from_host(spec.destination_port);
        tcp.data_offset = 5 << 4;
        tcp.flags = spec.tcp_flags;
        store(place, tcp);
    } else if (spec.protocol == kIpProtocolUdp) {
        store(place,
              UdpHeader{Be16::from_host(spec.source_port), Be16::from_host(spec.destination_port),
                        Be16::from_host(static_cast<std::uint16_t>(8 + spec.payload)),
                        Be16::from_host(spec.udp_checksum)});
    }
}

inline Bytes ipv4(const Spec& spec) {
    const std::size_t header = sizeof(Ipv4Header) + spec.options;
    const std::size_t length = header + l4_header_bytes(spec) + spec.payload;
    Bytes frame(14 + length + spec.padding, 0xa5);
    store(frame.data(),
          EthernetHeader{spec.destination_mac, kClientMac, Be16::from_host(kEtherTypeIpv4)});
    Ipv4Header outer{};
    outer.version_ihl = static_cast<std::uint8_t>(0x40 | header / 4);
    outer.tos = spec.tos;
    outer.total_length = Be16::from_host(static_cast<std::uint16_t>(length));
    outer.identification = Be16::from_host(0x1234);
    outer.fragment = Be16::from_host(spec.fragment);
    outer.ttl = spec.ttl;
    outer.protocol = spec.protocol;
    outer.source = ip(spec.source).v4();
    outer.destination = ip(spec.destination).v4();
    store(frame.data() + 14, outer);
    std::memset(frame.data() + 14 + sizeof outer, 1, spec.options);  // no-operation options
    write_l4(frame.data() + 14 + header, spec);
    seal_ipv4(frame);
    return frame;
}

inline Bytes ipv6(const Spec& spec) {
    const std::size_t header = sizeof(Ipv6Header) + spec.extensions.size();
    const std::size_t length = header + l4_header_bytes(spec) + spec.payload;
    Bytes frame(14 + length + spec.padding, 0xa5);
    store(frame.data(),
          EthernetHeader{spec.destination_mac, kClientMac, Be16::from_host(kEtherTypeIpv6)});
    store(frame.data() + 14,
          Ipv6Header{Be32::from_host(6u << 28 | std::uint32_t{spec.tos} << 20 | 0x12345),
                     Be16::from_host(static_cast<std::uint16_t>(length - sizeof(Ipv6Header))),
                     spec.extensions.empty() ? spec.protocol : spec.first_header, spec.ttl,
                     ip(spec.source), ip(spec.destination)});
    std::copy(spec.extensions.begin(), spec.extensions.end(),
              frame.begin() + 14 + sizeof(Ipv6Header));
    write_l4(frame.data() + 14 + header, spec);
    return frame;
}

// A SYN to the IPv6 web service.
inline Spec spec6() {
    Spec spec;
    spec.source = "fd00::50";
    spec.destination = "fd00::100";
    spec.udp_checksum = 0x1234;
    return spec;
}

// Inserts VLAN tags, as (type, number), behind the MAC addresses.
inline Bytes tagged(Bytes frame, std::initializer_list<std::pair<int, int>> tags) {
    std::size_t at = 12;
    for (const auto& [type, number] : tags) {
        const std::uint8_t tag[4] = {
            static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
        frame.insert(frame.begin() + static_cast<long>(at), tag, tag + 4);
        at += 4;
    }
    return frame;
}

inline Bytes arp(std::uint16_t operation, const std::string& sender, const std::string& target) {
    Bytes frame(14 + sizeof(ArpPacket));
    const MacAddress broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    store(frame.data(), EthernetHeader{broadcast, kClientMac, Be16::from_host(kEtherTypeArp)});
    store(
        frame.data() + 14,
        ArpPacket{Be16::from_host(kArpHardwareEthernet), Be16::from_host(kEtherTypeIpv4), 6, 4,
                  Be16::from_host(operation), kClientMac, std::bit_cast<WireIpv4>(ip(sender).v4()),
                  MacAddress{}, std::bit_cast<WireIpv4>(ip(target).v4())});
    return frame;
}

// A frame in a buffer of exactly its size and headroom, so that a sanitizer reports any access
// outside.
class Buffer {
  public:
    explicit Buffer(const Bytes& bytes, std::uint32_t headroom = 128)
        : memory_(std::make_unique<std::uint8_t[]>(headroom + bytes.size())),
          size_(static_cast<std::uint32_t>(bytes.size())),
          headroom_(headroom) {
        if (!bytes.empty())
            std::memcpy(memory_.get() + headroom, bytes.data(), bytes.size());
    }

    Frame frame(std::uint8_t port = 0) { return chain(0, port); }
    // The frame goes on for so many bytes in further buffers, which nobody may read.
    Frame chain(std::uint32_t further_bytes, std::uint8_t port = 0) {
        return {memory_.get() + headroom_, size_, size_ + further_bytes, headroom_, port};
    }

  private:
    std::unique_ptr<std::uint8_t[]> memory_;
    std::uint32_t size_;
    std::uint32_t headroom_;
};

inline Bytes bytes_of(const Frame& frame) {
    return {frame.bytes().begin(), frame.bytes().end()};
}

}  // namespace vipfwd::packet::sample
