// SPDX-License-Identifier: Apache-2.0
// VRRP adverts: the input is the family, whether to mend the checksum, and an IP payload. What is
// taken is written as it was read.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "control/vrrp/advert.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/tables.h"
#include "tests/fuzz/bytes.h"

namespace vipfwd::fuzz {
namespace {

struct Addresses {
    IpAddress source;
    IpAddress destination;
};

Addresses addresses(bool v4) {
    if (v4)
        return {IpAddress::from_v4(Be32::from_host(0x0a000001)),
                IpAddress::from_v4(Be32::from_host(0xe0000012))};
    return {{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
            {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}}};
}

void mend_checksum(std::vector<std::uint8_t>& bytes, bool v4, const Addresses& of) {
    if (bytes.size() < abi::kVrrpChecksumOffset + 2)
        return;
    std::memset(bytes.data() + abi::kVrrpChecksumOffset, 0, 2);
    std::uint64_t sum = add_to_sum(bytes);
    if (!v4)
        sum += ipv6_pseudo_sum(of.source, of.destination, static_cast<std::uint32_t>(bytes.size()),
                               vrrp::kIpProtocol);
    const auto checksum = static_cast<std::uint16_t>(~fold_sum(sum));
    std::memcpy(bytes.data() + abi::kVrrpChecksumOffset, &checksum, sizeof checksum);
}

void try_advert(std::span<const std::uint8_t> bytes, const Addresses& of) {
    using namespace vrrp;
    const auto decoded = decode(bytes, of.source, of.destination, kTtl);
    if (const auto* discard = std::get_if<Discard>(&decoded)) {
        if (name(*discard).empty())
            std::abort();
        return;
    }
    const auto& advert = std::get<Advert>(decoded);
    for (const ChecksumForm form : {ChecksumForm::kWithPseudoHeader, ChecksumForm::kWithout}) {
        const auto written = encode(advert, of.source, of.destination, form);
        if (written.size() != bytes.size() ||
            decode(written, of.source, of.destination, kTtl) != decoded)
            std::abort();
    }
}

}  // namespace
}  // namespace vipfwd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd::fuzz;
    Input input(data, size);
    const bool v4 = (input.take<std::uint8_t>() & 1) != 0;
    const bool mend = (input.take<std::uint8_t>() & 1) != 0;
    std::vector<std::uint8_t> bytes = input.take_all();
    const Addresses of = addresses(v4);
    if (mend)
        mend_checksum(bytes, v4, of);
    try_advert(bytes, of);
    return 0;
}
