// SPDX-License-Identifier: Apache-2.0
// A Wire without DPDK: tests see which buffers were sent and freed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "dataplane/packet/headers.h"
#include "dataplane/path/wire.h"

// Replaces DPDK's rte_mbuf, which only a Wire looks into.
struct rte_mbuf {
    bool chain = false;
    std::vector<std::uint8_t> memory{};  // headroom, then the frame
    std::size_t start = 0;

    std::span<const std::uint8_t> bytes() const { return std::span(memory).subspan(start); }
};

namespace vipfwd::path {

class FakeWire : public Wire {
  public:
    static constexpr std::size_t kHeadroom = 128;

    // Returns a buffer that lives as long as this wire.
    rte_mbuf* make_buffer(std::span<const std::uint8_t> frame, std::size_t headroom) {
        rte_mbuf& buffer = *made_.emplace_back(std::make_unique<rte_mbuf>());
        buffer.memory.resize(headroom);
        buffer.memory.insert(buffer.memory.end(), frame.begin(), frame.end());
        buffer.start = headroom;
        return &buffer;
    }

    rte_mbuf* copy_to_buffer(std::span<const std::uint8_t> frame) override {
        return buffers_left > 0 ? make_buffer(frame, kHeadroom) : nullptr;
    }

    packet::Frame frame(rte_mbuf* buffer, std::uint8_t port) override {
        const auto size = static_cast<std::uint32_t>(buffer->bytes().size());
        return {buffer->memory.data() + buffer->start, size, size,
                static_cast<std::uint32_t>(buffer->start), port};
    }

    std::uint32_t commit_to_mbufs(std::span<rte_mbuf* const> buffers,
                                  std::span<const packet::Frame> frames) override {
        std::uint32_t chains = 0;
        for (std::size_t i = 0; i < buffers.size(); ++i) {
            if (buffers[i] == nullptr)
                continue;
            chains |= static_cast<std::uint32_t>(buffers[i]->chain) << i;
            if (buffers[i]->memory.empty())
                continue;
            buffers[i]->start =
                static_cast<std::size_t>(frames[i].bytes().data() - buffers[i]->memory.data());
            buffers[i]->memory.resize(buffers[i]->start + frames[i].length());
        }
        return chains;
    }

    // Copies all IP options to all fragments, as if each had its "copied" flag set.
    std::uint32_t fragment(rte_mbuf* buffer, const Fragmentation& how,
                           std::span<rte_mbuf*> fragments) override {
        const auto ip = buffer->bytes().subspan(how.l3_offset, how.ip_length);
        const std::size_t header = (ip[0] & 0xfu) * 4;
        const std::size_t step = (how.mtu - header) / 8 * 8;
        const auto first = packet::load<packet::Ipv4Header>(ip, 0);
        std::uint32_t count = 0;
        for (std::size_t at = header; at < ip.size(); at += step, ++count) {
            if (count == buffers_left)
                return 0;
            const std::size_t size = std::min(step, ip.size() - at);
            const std::uint32_t more = at + size < ip.size() ? packet::kIpv4MoreFragments : 0u;
            auto own = first;
            own.total_length = Be16::from_host(static_cast<std::uint16_t>(header + size));
            own.fragment = Be16::from_host(
                static_cast<std::uint16_t>((first.fragment.host() + (at - header) / 8) | more));
            own.checksum = {};
            std::vector<std::uint8_t> frame(14 + header + size, 0xee);
            std::memcpy(frame.data() + 14, ip.data(), header);
            packet::store(frame.data() + 14, own);
            std::memcpy(frame.data() + 14 + header, ip.data() + at, size);
            fragments[count] = copy_to_buffer(frame);
        }
        return count;
    }

    std::uint32_t receive(std::uint16_t device, std::uint16_t,
                          std::span<rte_mbuf*> buffers) override {
        std::vector<rte_mbuf*>& from = incoming[device];
        const std::size_t taken = std::min(from.size(), buffers.size());
        std::copy_n(from.begin(), taken, buffers.begin());
        from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(taken));
        return static_cast<std::uint32_t>(taken);
    }

    std::uint32_t send(std::uint16_t device, std::uint16_t queue,
                       std::span<rte_mbuf*> buffers) override {
        queues.push_back(queue);
        const std::size_t taken = std::min({buffers.size(), takes_at_once, room[device]});
        room[device] -= taken;
        sent[device].insert(sent[device].end(), buffers.begin(),
                            buffers.begin() + static_cast<std::ptrdiff_t>(taken));
        return static_cast<std::uint32_t>(taken);
    }

    void free(std::span<rte_mbuf*> buffers) override {
        std::copy_if(buffers.begin(), buffers.end(), std::back_inserter(freed),
                     [](const rte_mbuf* buffer) { return buffer != nullptr; });
    }

    bool arm(std::uint16_t device, std::uint16_t queue) override {
        calls_of_arm.emplace_back(device, queue);
        if (!has_interrupts)
            return false;
        armed.emplace(device, queue);
        return true;
    }

    void disarm(std::uint16_t device, std::uint16_t queue) override {
        armed.erase({device, queue});
    }

    std::size_t takes_at_once = packet::kBurstSize;
    std::map<std::uint16_t, std::size_t> room{{10, 1000}, {11, 1000}, {20, 1000}};
    std::uint32_t buffers_left = 1000;  // 0: the pool is empty
    std::map<std::uint16_t, std::vector<rte_mbuf*>> incoming;
    std::map<std::uint16_t, std::vector<rte_mbuf*>> sent;
    std::vector<std::uint16_t> queues;  // of each send
    std::vector<rte_mbuf*> freed;
    bool has_interrupts = true;
    using DeviceQueue = std::pair<std::uint16_t, std::uint16_t>;
    std::set<DeviceQueue> armed;
    std::vector<DeviceQueue> calls_of_arm;

  private:
    std::vector<std::unique_ptr<rte_mbuf>> made_;
};

}  // namespace vipfwd::path
