// SPDX-License-Identifier: Apache-2.0
// Bursts of frames made in memory: a template is put back and the client's address and ports are
// written, so that every frame arrives as from the wire, and making them costs little.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::bench {

enum class Order {
    kUniform,     // every flow in turn, in an order that looks random
    kZipf,        // exponent 1: few flows have most of the packets
    kSequential,  // in turn, clients and their ports counting up
    kNew,         // each packet of another flow
};

struct TrafficSpec {
    std::vector<std::uint8_t> frame;  // the template: Ethernet without tags, IP without options
    std::uint64_t flows = 1;          // a power of two
    Order order = Order::kUniform;
    // A power of two: on ports from the template's up, one after another.
    std::uint32_t services = 1;
    std::uint32_t new_one_in = 0;  // so many packets is the SYN of a new flow; 0: none
};

class Traffic {
  public:
    explicit Traffic(TrafficSpec spec)
        : spec_(std::move(spec)), buffers_(packet::kBurstSize * kBufferBytes, 0xa5) {
        template_bytes_ = static_cast<std::uint32_t>(spec_.frame.size());
        spec_.frame.resize(kTemplateBytes, 0xa5);
        is_v4_ = spec_.frame[12] == 0x08;
        source_at_ = is_v4_ ? 26 : 14 + 8 + 12;
        ports_at_ = is_v4_ ? 34 : 54;
        if (is_v4_)
            make_base_sum();
        if (spec_.order == Order::kZipf)
            make_zipf();
        std::memcpy(&first_port_, &spec_.frame[ports_at_ + 2], sizeof first_port_);
    }

    std::uint64_t flows() const { return spec_.flows; }
    // Of the template, as the frames on the wire.
    std::uint32_t frame_bytes() const { return template_bytes_; }

    void make(packet::Burst& burst) {
        burst.count = packet::kBurstSize;
        for (std::uint32_t i = 0; i < packet::kBurstSize; ++i)
            burst.frames[i] = make_frame(&buffers_[i * kBufferBytes + kHeadroom]);
    }

    // What make() made last, by its place in the burst.
    std::span<const std::uint8_t> original(std::uint32_t place) const {
        return {&buffers_[place * kBufferBytes + kHeadroom], template_bytes_};
    }

  private:
    static constexpr std::uint32_t kHeadroom = 128;
    static constexpr std::uint32_t kBufferBytes = 2048 + 64;  // not all in one cache set
    static constexpr std::uint32_t kTemplateBytes = 128;
    static constexpr std::uint32_t kPortsPerClient = 1u << 15;
    static constexpr std::uint32_t kFirstClient = 0x0b000000;  // 11.0.0.0
    static constexpr std::uint32_t kFirstNewClient = 0x20000000;
    static constexpr std::size_t kFlagsAt = 13;  // from TCP's ports
    static constexpr std::uint32_t kZipfSamples = 1u << 20;

    struct Client {
        Be32 address;
        Be16 port;
    };

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

    packet::Frame make_frame(std::uint8_t* head) {
        const bool is_new = spec_.new_one_in != 0 && next_ % spec_.new_one_in == 0;
        const std::uint64_t flow = next_flow();
        const Client client = is_new ? new_client(next_new_++) : client_of(flow);
        std::memcpy(head, spec_.frame.data(), 64);
        if (template_bytes_ > 64)
            std::memcpy(head + 64, spec_.frame.data() + 64, template_bytes_ - 64);
        packet::store(head + source_at_, client.address);
        const std::uint32_t service = static_cast<std::uint32_t>(flow) & (spec_.services - 1);
        packet::store(head + ports_at_, client.port);
        if (is_new)
            head[ports_at_ + kFlagsAt] = packet::kTcpSyn;
        packet::store(head + ports_at_ + 2,
                      Be16::from_host(static_cast<std::uint16_t>(first_port_.host() + service)));
        if (is_v4_) {
            const std::uint16_t sum = fold_sum(base_sum_ + client.address.raw);
            packet::store(head + 24, static_cast<std::uint16_t>(~sum));
        }
        return {head, template_bytes_, template_bytes_, kHeadroom, 0};
    }

    void make_base_sum() {
        std::memset(&spec_.frame[24], 0, 2);
        std::memset(&spec_.frame[26], 0, 4);
        base_sum_ = add_to_sum(std::span(spec_.frame).subspan(14, 20));
    }

    // Samples of flow numbers, the number's probability being in proportion to 1 / (number + 1).
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
    std::uint32_t template_bytes_ = 0;
    bool is_v4_ = true;
    std::size_t source_at_ = 0;
    std::size_t ports_at_ = 0;
    Be16 first_port_;
    std::uint64_t base_sum_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t next_new_ = 0;
    std::vector<std::uint32_t> zipf_;
    std::vector<std::uint8_t> buffers_;
};

}  // namespace vipfwd::bench
