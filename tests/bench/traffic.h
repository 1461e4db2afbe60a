// SPDX-License-Identifier: Apache-2.0
// Makes bursts of frames in memory: restores a template and writes the client's address and ports,
// so that every frame looks as received, at little cost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"
#include "tests/bench/templates.h"

namespace vipfwd::bench {

inline constexpr std::uint16_t kFirstServicePort = 10'000;

enum class Order {
    kUniform,     // every flow in turn, in a pseudo-random order
    kZipf,        // exponent 1: few flows have most of the packets
    kSequential,  // in turn, with ascending clients and ports
    kNew,         // each packet begins another flow
};

struct TrafficSpec {
    std::vector<Template> templates;  // of the frames of one packet; their number divides a burst
    // Of other packets of the same flows, which are spread evenly among them; of all frames they
    // are `mixed_percent`.
    std::vector<Template> mixed = {};
    std::uint32_t mixed_percent = 0;
    std::uint64_t flows = 1;  // a power of two
    Order order = Order::kUniform;
    // A power of two; on consecutive ports from kFirstServicePort.
    std::uint32_t services = 1;
    std::uint32_t new_one_in = 0;  // one of this many packets is the SYN of a new flow; 0: none
};

class Traffic {
  public:
    explicit Traffic(TrafficSpec spec)
        : spec_(std::move(spec)), buffers_(packet::kBurstSize * kBufferBytes, 0xa5) {
        for (const Template& one : spec_.templates)
            prepared_.push_back(prepared(one));
        for (const Template& one : spec_.mixed)
            prepared_mixed_.push_back(prepared(one));
        if (spec_.order == Order::kZipf)
            make_zipf();
    }

    void make(packet::Burst& burst) {
        burst.count = packet::kBurstSize;
        for (std::uint32_t i = 0; i < packet::kBurstSize;) {
            const bool is_mixed = next_is_mixed(packet::kBurstSize - i);
            const std::vector<Prepared>& frames = is_mixed ? prepared_mixed_ : prepared_;
            const Flow flow = next_packet();
            made_ += frames.size();
            made_mixed_ += is_mixed ? frames.size() : 0;
            for (const Prepared& one : frames) {
                burst.frames[i] = make_frame(one, flow, &buffers_[i * kBufferBytes + kHeadroom]);
                ++i;
            }
        }
    }

  private:
    static constexpr std::uint32_t kHeadroom = 128;
    static constexpr std::uint32_t kBufferBytes = 2048 + 64;  // not all in one cache set
    static constexpr std::uint32_t kTemplateBytes = 128;
    static constexpr std::size_t kIpv4ChecksumAt = kIpAt + 10;
    static constexpr std::uint32_t kPortsPerClient = 1u << 15;
    static constexpr std::uint32_t kFirstClient = 0x0b000000;  // 11.0.0.0
    static constexpr std::uint32_t kFirstNewClient = 0x20000000;
    static constexpr std::uint32_t kZipfSamples = 1u << 20;

    struct Client {
        Be32 address;
        Be16 port;
    };

    struct Flow {
        Client client;
        Be16 service_port;
        Be16 identification;
        bool is_new = false;
    };

    struct Prepared {
        Template at;  // its frame has kTemplateBytes
        std::uint32_t bytes = 0;
        bool is_v4 = true;
        std::uint64_t base_sum = 0;     // of the IPv4 header without the fields that are written
        std::uint32_t client_mask = 0;  // all ones if the client's address is in that header
    };

    // A packet's frames are in one burst: the next packet must fit into the frames that are left.
    bool next_is_mixed(std::uint32_t frames_left) const {
        return made_mixed_ * 100 < made_ * spec_.mixed_percent &&
               prepared_mixed_.size() <= frames_left;
    }

    std::uint64_t next_flow() {
        const std::uint64_t number = next_++;
        switch (spec_.order) {
            case Order::kUniform:
                return (number * 2654435761u) & (spec_.flows - 1);
            case Order::kZipf:
                return zipf_[number & (kZipfSamples - 1)];
            case Order::kSequential:
                return number & (spec_.flows - 1);
            case Order::kNew:
                break;
        }
        return number;
    }

    static Client counted_client(std::uint32_t first, std::uint64_t number) {
        return {Be32::from_host(first + static_cast<std::uint32_t>(number / kPortsPerClient)),
                Be16::from_host(static_cast<std::uint16_t>(1024 + number % kPortsPerClient))};
    }

    Client client_of(std::uint64_t flow) const {
        if (spec_.order == Order::kSequential || spec_.order == Order::kNew)
            return counted_client(kFirstClient, flow);
        return {Be32::from_host(kFirstClient + static_cast<std::uint32_t>(flow)),
                Be16::from_host(40000)};
    }

    static Client new_client(std::uint64_t number) {
        return counted_client(kFirstNewClient, number);
    }

    Flow next_packet() {
        const bool is_new = spec_.new_one_in != 0 && next_ % spec_.new_one_in == 0;
        // Not the same in each turn of all flows.
        const auto identification = static_cast<std::uint16_t>(next_ + (next_ >> 16));
        const std::uint64_t flow = next_flow();
        const std::uint32_t service = static_cast<std::uint32_t>(flow) & (spec_.services - 1);
        return {is_new ? new_client(next_new_++) : client_of(flow),
                Be16::from_host(static_cast<std::uint16_t>(kFirstServicePort + service)),
                Be16::from_host(identification), is_new};
    }

    static packet::Frame make_frame(const Prepared& one, const Flow& flow, std::uint8_t* head) {
        std::memcpy(head, one.at.frame.data(), 64);
        if (one.bytes > 64)
            std::memcpy(head + 64, one.at.frame.data() + 64, one.bytes - 64);
        std::uint64_t sum = one.base_sum + (flow.client.address.raw & one.client_mask);
        packet::store(head + one.at.client_at, flow.client.address);
        if (one.at.service_port_at != 0) {
            packet::store(head + one.at.client_port_at, flow.client.port);
            packet::store(head + one.at.service_port_at, flow.service_port);
        }
        if (one.at.identification_at != 0) {
            packet::store(head + one.at.identification_at, flow.identification);
            sum += flow.identification.raw;
        }
        if (flow.is_new)
            head[one.at.tcp_flags_at] = packet::kTcpSyn;
        if (one.is_v4)
            packet::store(head + kIpv4ChecksumAt, static_cast<std::uint16_t>(~fold_sum(sum)));
        return {head, one.bytes, one.bytes, kHeadroom, 0};
    }

    static Prepared prepared(const Template& one) {
        Prepared made{.at = one, .bytes = static_cast<std::uint32_t>(one.frame.size())};
        std::vector<std::uint8_t>& frame = made.at.frame;
        frame.resize(kTemplateBytes, 0xa5);
        made.is_v4 = frame[12] == 0x08;
        if (made.is_v4) {
            made.client_mask = one.client_at == kIpv4SourceAt ? 0xffffffff : 0;
            std::memset(&frame[kIpv4ChecksumAt], 0, sizeof(Be16));
            if (one.client_at == kIpv4SourceAt)
                std::memset(&frame[kIpv4SourceAt], 0, sizeof(Be32));
            if (one.identification_at != 0)
                std::memset(&frame[one.identification_at], 0, sizeof(Be16));
            made.base_sum = add_to_sum(std::span(frame).subspan(kIpAt, sizeof(packet::Ipv4Header)));
        }
        return made;
    }

    // Samples of flow numbers, each with a probability proportional to 1 / (number + 1).
    void make_zipf() {
        std::vector<double> share(spec_.flows);
        double sum = 0;
        for (std::uint64_t i = 0; i < spec_.flows; ++i)
            share[i] = sum += 1.0 / static_cast<double>(i + 1);
        std::mt19937_64 random(1);
        std::uniform_real_distribution<double> point(0, sum);
        zipf_.resize(kZipfSamples);
        for (std::uint32_t& sample : zipf_) {
            const auto at = std::lower_bound(share.begin(), share.end(), point(random));
            sample = static_cast<std::uint32_t>(at - share.begin()) &
                     static_cast<std::uint32_t>(spec_.flows - 1);
        }
    }

    TrafficSpec spec_;
    std::vector<Prepared> prepared_;
    std::vector<Prepared> prepared_mixed_;
    std::uint64_t made_ = 0;  // frames
    std::uint64_t made_mixed_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t next_new_ = 0;
    std::vector<std::uint32_t> zipf_;
    std::vector<std::uint8_t> buffers_;
};

}  // namespace vipfwd::bench
