// SPDX-License-Identifier: Apache-2.0
// Floods of forged flows, for longer than all timeouts, beside connections of clients that last.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/internet_checksum.h"
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint16_t kFlooded = 80;
constexpr std::uint16_t kOther = 8000;
constexpr std::uint16_t kOtherUdp = 53;
constexpr std::uint32_t kStep_ms = 100;
constexpr std::uint32_t kFloodedBuckets = 64;  // 512 entries
constexpr std::uint32_t kFlowsPerWorker = 4 * kFloodedBuckets;
// What a flood sends in a step: in a second more than the table holds.
constexpr std::uint32_t kForged = 96;

// A client that sends its first two packets in a row, and then one every `pause_ms`.
struct Client {
    sample::Spec spec;
    std::uint64_t next_ms;
    std::uint32_t pause_ms;
    std::uint32_t sent = 0;
    std::uint32_t missed = 0;  // packets after the first one whose flow was not in the table
    bool missed_last = false;
};

// The flags of the packets that each forged flow sends, and the pause between two of them.
struct Flood {
    const char* name;
    std::vector<std::uint8_t> flags;
    std::uint32_t pause_ms = kStep_ms;
};

const Flood kFloods[] = {
    {"SYN", {kTcpSyn}},
    {"ACK", {kTcpAck}},
    {"two ACKs", {kTcpAck, kTcpAck}},
    {"SYN and ACK", {kTcpSyn, kTcpAck}},
    {"SYN and two ACKs", {kTcpSyn, kTcpAck, kTcpAck}},
    {"SYN, ACK and FIN", {kTcpSyn, kTcpAck, kTcpFin | kTcpAck}},
    {"three ACKs that wait", {kTcpAck, kTcpAck, kTcpAck}, 9000},
};

class FlowFloodTest : public PipelineFixture {
  protected:
    FlowFloodTest() {
        buckets_.resize(kFloodedBuckets);
        abi::GenerationHeader& header = world_.generation().header;
        header.timeouts = {.opening_s = 8, .established_s = 40, .closing_s = 12, .udp_s = 20};
        reset(kFlowsPerWorker / 10);
    }

    void reset(std::uint32_t new_flows_per_s) {
        std::fill(buckets_.begin(), buckets_.end(), FlowBucket());
        state_->flows = FlowTable(buckets_);
        std::fill(unpinned_.begin(), unpinned_.end(), UnpinnedFlows::Place());
        world_.generation().header.new_flows_per_s = new_flows_per_s;
        tables_ = &world_.tables();
    }
    Client client(std::uint16_t port, std::uint64_t first_ms, std::uint32_t pause_ms) {
        const std::uint32_t number = ++clients_;
        sample::Spec spec{.source = "10.5.0." + std::to_string(number % 250 + 1)};
        spec.source_port = static_cast<std::uint16_t>(1000 + number);
        spec.destination_port = port;
        spec.protocol = port == kOtherUdp ? kIpProtocolUdp : kIpProtocolTcp;
        return {spec, now_ms_ + first_ms, pause_ms};
    }
    void send_due(Client& one) {
        if (now_ms_ < one.next_ms)
            return;
        if (one.spec.protocol == kIpProtocolTcp)
            one.spec.tcp_flags = one.sent == 0 ? kTcpSyn : kTcpAck;
        sample::Buffer buffer(sample::ipv4(one.spec));
        burst_->count = 1;
        burst_->frames[0] = buffer.frame();
        const BurstCounts counts = pass();
        one.missed_last = one.sent > 0 && counts.hits == 0;
        one.missed += one.missed_last ? 1 : 0;
        one.next_ms += one.sent++ == 0 ? kStep_ms : one.pause_ms;
    }
    BurstCounts pass() { return process(*tables_, *state_, Moment::from_ms(now_ms_), *burst_); }

    // Sends one packet of that many forged flows, of numbers up from `first`.
    void forge(std::uint32_t first, std::uint32_t flows, std::uint8_t flags) {
        constexpr std::size_t kAddressAt = 14 + 12;
        constexpr std::size_t kPortAt = 14 + 20;
        constexpr std::size_t kFlagsAt = 14 + 20 + 13;
        sample::Spec spec{.source = "10.99.0.0"};
        spec.destination_port = kFlooded;
        const Bytes model = sample::ipv4(spec);
        for (std::uint32_t sent = 0; sent < flows; sent += burst_->count) {
            std::vector<sample::Buffer> buffers;
            buffers.reserve(kBurstSize);
            for (burst_->count = 0; burst_->count < std::min(kBurstSize, flows - sent);) {
                const std::uint32_t number = first + sent + burst_->count;
                Bytes bytes = model;
                store(&bytes[kPortAt], Be16::from_host(static_cast<std::uint16_t>(number)));
                bytes[kFlagsAt] = flags;
                bytes[kAddressAt + 1] = static_cast<std::uint8_t>(100 + (number >> 16));
                bytes[24] = bytes[25] = 0;
                const auto sum = static_cast<std::uint16_t>(
                    ~fold_sum(add_to_sum(std::span(bytes).subspan(14, 20))));
                store(&bytes[24], sum);
                buffers.emplace_back(bytes);
                burst_->frames[burst_->count++] = buffers.back().frame();
            }
            pass();
        }
    }
    // A step of the flood: as many flows send their first packets as others their next ones.
    void flood(const Flood& kind) {
        const auto packets = static_cast<std::uint32_t>(kind.flags.size());
        const std::uint32_t flows = kForged / packets;
        for (std::uint32_t packet = 0; packet < packets; ++packet) {
            const std::uint32_t ago = packet * (kind.pause_ms / kStep_ms) * flows;
            if (forged_ >= ago)
                forge(forged_ - ago, flows, kind.flags[packet]);
        }
        forged_ += flows;
    }
    // Runs for some time, with the sweep that a worker does. Of the clients' packets, half come
    // before those of the flood (null: none).
    void run(std::uint32_t duration_ms, const Flood* kind, std::span<Client> clients) {
        for (std::uint32_t passed_ms = 0; passed_ms < duration_ms; passed_ms += kStep_ms) {
            std::shuffle(clients.begin(), clients.end(), random_);
            const auto half = clients.size() / 2;
            for (Client& one : clients.first(half))
                send_due(one);
            if (kind != nullptr)
                flood(*kind);
            for (Client& one : clients.subspan(half))
                send_due(one);
            now_ms_ += kStep_ms;
            const FlowAge age(tables_->generation.header.timeouts, Moment::from_ms(now_ms_).s);
            state_->flows.sweep(passed_ms % 1000 == 0 ? 1 : 0, age);
        }
    }
    static std::uint32_t missed(std::span<const Client> clients) {
        std::uint32_t sum = 0;
        for (const Client& one : clients)
            sum += one.missed;
        return sum;
    }

    const Tables* tables_ = nullptr;
    std::unique_ptr<Burst> burst_ = std::make_unique<Burst>();
    std::mt19937 random_{1};
    std::uint32_t clients_ = 0;
    std::uint32_t forged_ = 0;
};

// With pauses up to established_s (40 s) and udp_s (20 s).
TEST_F(FlowFloodTest, EstablishedFlowsOfTheFloodedServiceAndOfOthersStay) {
    for (const Flood& kind : kFloods) {
        for (const std::uint32_t new_flows_per_s : {kFlowsPerWorker / 10, 0u}) {
            reset(new_flows_per_s);
            std::vector<Client> lasting;
            for (std::uint32_t i = 0; i < 20; ++i) {
                for (const std::uint16_t port : {kFlooded, kOther, kOtherUdp})
                    lasting.push_back(client(port, kStep_ms * i, 3000));
            }
            run(15'000, nullptr, lasting);
            for (std::size_t i = 0; i < lasting.size(); ++i) {
                const bool is_udp = lasting[i].spec.protocol == kIpProtocolUdp;
                lasting[i].pause_ms = i % 2 == 0 ? 5000 : is_udp ? 20'000 : 40'000;
            }
            run(120'000, &kind, lasting);
            EXPECT_EQ(missed(lasting), 0u) << kind.name << ", " << new_flows_per_s << " a second";
        }
    }
}

// They are pinned by their first packet, and stay pinned whatever their pauses.
TEST_F(FlowFloodTest, NewFlowsOfOtherServicesArePinnedAtOnceAndStay) {
    for (const Flood& kind : kFloods) {
        for (const std::uint32_t new_flows_per_s : {kFlowsPerWorker / 10, 0u}) {
            reset(new_flows_per_s);
            run(50'000, &kind, {});
            std::vector<Client> begun;
            for (std::uint32_t i = 0; i < 16; ++i) {
                begun.push_back(client(kOther, 2500 * i, 500));
                begun.push_back(client(kOther, 2500 * i, 40'000));
                begun.push_back(client(kOtherUdp, 2500 * i, 20'000));
            }
            run(100'000, &kind, begun);
            EXPECT_EQ(missed(begun), 0u) << kind.name << ", " << new_flows_per_s << " a second";
        }
    }
}

// Each client sends a packet every 100 ms. In a flood whose packets prove less, its first packet
// that proves more pins the flow: the ACK after its SYN, or one after a second. Then the flow
// stays. Where the flood waits as long, the client's packet is pinned with the probability of all
// of them.
TEST_F(FlowFloodTest, NewFlowsOfTheFloodedServiceArePinnedOnceTheyProveMoreThanTheFlood) {
    for (const Flood& kind : kFloods) {
        reset(kFlowsPerWorker / 10);
        run(50'000, &kind, {});
        std::vector<Client> begun;
        for (std::uint32_t i = 0; i < 40; ++i)
            begun.push_back(client(kFlooded, 500 * i, kStep_ms));
        run(40'000, &kind, begun);
        const auto unpinned = std::count_if(begun.begin(), begun.end(),
                                            [](const Client& one) { return one.missed_last; });
        EXPECT_LE(unpinned, 2) << kind.name;
        if (kind.pause_ms >= kLasting_ms)
            continue;
        const bool has_handshakes = kind.flags.front() == kTcpSyn && kind.flags.size() > 1;
        const std::uint32_t most = has_handshakes ? 11 : 1;
        const auto late = std::count_if(begun.begin(), begun.end(),
                                        [most](const Client& one) { return one.missed > most; });
        EXPECT_LE(late, 4) << kind.name << ": their notes were overwritten";
    }
}

// Whatever the flood was, and although it has filled the table.
TEST_F(FlowFloodTest, AfterAFloodNewFlowsOfItsServiceArePinnedWithinASecond) {
    std::vector<Flood> kinds(std::begin(kFloods), std::end(kFloods));
    kinds.push_back({"two ACKs a second apart", {kTcpAck, kTcpAck}, 1000});
    for (const Flood& kind : kinds) {
        reset(kFlowsPerWorker / 10);
        run(50'000, &kind, {});
        std::vector<Client> begun;
        for (std::uint32_t i = 0; i < 20; ++i)
            begun.push_back(client(kFlooded, 0, 500));
        run(200, &kind, begun);
        run(1000, nullptr, begun);
        for (Client& one : begun)
            one.missed = 0;
        run(40'000, nullptr, begun);
        EXPECT_EQ(missed(begun), 0u) << kind.name;
    }
}

// A table that holds as many flows as clients come within half a second, at many times the rate
// limit.
TEST_F(FlowFloodTest, ABurstOfClientsIsPinnedAtOnceWhileTheTableHasRoom) {
    reset(kFlowsPerWorker / 10);
    std::vector<Client> burst;
    for (std::uint32_t i = 0; i < 100; ++i)
        burst.push_back(client(kFlooded, 5 * i, 3000));
    run(40'000, nullptr, burst);
    EXPECT_EQ(missed(burst), 0u);
}

}  // namespace
}  // namespace vipfwd::packet
