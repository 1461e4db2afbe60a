// SPDX-License-Identifier: Apache-2.0
// Fuzzes the whole pipeline: bursts of any bytes, with tables that change between bursts.
//
// Input: a byte of settings; then frames, each a length (16 bits) and its bytes; a length of 0xffff
// starts another burst, 2 s later if the next byte is odd.
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

namespace vipfwd::fuzz {
namespace {

constexpr std::uint16_t kNextBurst = 0xffff;
constexpr std::uint32_t kMaxFrameBytes = 2048;

void apply(std::uint8_t settings, packet::sample::World& world) {
    packet::PortView& port = world.port();
    port.vlan = (settings & 1) != 0 ? 100 : 0;
    port.outer_vlan = (settings & 3) == 3 ? 200 : 0;
    port.mtu = (settings & 4) != 0 ? 600 : 1500;
    port.source_v4_bits = (settings & 8) != 0 ? 16 : 0;
    port.source_v6_bits = port.source_v4_bits;
    abi::Generation& generation = world.generation();
    for (std::uint32_t i = 0; i < generation.header.service_count; ++i) {
        generation.services[i].forward =
            static_cast<std::uint8_t>((settings >> 4) % abi::kForwardModes.size());
        generation.services[i].affinity = settings >> 7;
        generation.services[i].flags = i % 3 == 2 ? abi::kServiceRingOnly : 0;
    }
    for (std::uint32_t i = 0; i < generation.header.vip_count; ++i)
        generation.vips[i].lease = i != 2 ? abi::kNoGroup : packet::sample::kUnowned;
}

}  // namespace
}  // namespace vipfwd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    static fuzz::Gateway gateway;
    fuzz::Input input(data, size);
    const auto settings = input.take<std::uint8_t>();
    fuzz::apply(settings, gateway.world());
    const std::uint32_t headroom = (settings & 64) != 0 ? 24 : 128;
    gateway.pass_time(packet::kFragmentTimeout_ms);
    std::vector<std::vector<std::uint8_t>> frames;
    while (!input.empty()) {
        const auto length = input.take<std::uint16_t>();
        if (length != fuzz::kNextBurst && frames.size() < packet::kBurstSize) {
            frames.push_back(input.take_bytes(length % fuzz::kMaxFrameBytes));
            continue;
        }
        gateway.send(frames, headroom);
        gateway.send(frames, headroom, true);
        frames.clear();
        gateway.pass_time((input.take<std::uint8_t>() & 1) != 0 ? 2000 : 0);
    }
    gateway.send(frames, headroom);
    return 0;
}
