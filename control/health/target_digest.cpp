// SPDX-License-Identifier: Apache-2.0
#include "control/health/target_digest.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/abi/hash.h"

namespace vipfwd::health {
namespace {

// The checksum takes the length of each field, so that adjacent texts do not run together.
class Digest {
  public:
    void add(std::string_view text) {
        state_ = abi::checksum(std::as_bytes(std::span(text.data(), text.size())), state_);
    }
    void add(std::uint64_t number) {
        state_ = abi::checksum(std::as_bytes(std::span(&number, 1)), state_);
    }
    void add(const IpAddress& address) {
        state_ = abi::checksum(std::as_bytes(std::span(address.bytes)), state_);
    }
    std::uint64_t value() const { return state_ != 0 ? state_ : 1; }

  private:
    std::uint64_t state_ = abi::kHashOdd1;
};

void add_numbers(const config::Check& check, Digest& digest) {
    for (const std::uint64_t number :
         {std::uint64_t{static_cast<std::uint8_t>(check.type)},
          std::uint64_t{static_cast<std::uint8_t>(check.via)}, std::uint64_t{check.port},
          std::uint64_t{check.interval_ms}, std::uint64_t{check.fast_interval_ms},
          std::uint64_t{check.timeout_ms}, std::uint64_t{check.rise}, std::uint64_t{check.fall},
          std::uint64_t{check.agent_port}, std::uint64_t{check.verify},
          std::uint64_t{check.allow_donor}, std::uint64_t{check.allow_read_only},
          std::uint64_t{check.handshake_interval_ms},
          std::uint64_t{static_cast<std::uint32_t>(check.record)},
          std::uint64_t{static_cast<std::uint32_t>(check.expect_rcode)}})
        digest.add(number);
}

// The password is left out: nothing that is derived from it belongs in the region.
void add_texts(const config::Check& check, Digest& digest) {
    for (const std::string_view text :
         {std::string_view(check.send), std::string_view(check.receive),
          std::string_view(check.path), std::string_view(check.host),
          std::string_view(check.contains), std::string_view(check.ca_file),
          std::string_view(check.user), std::string_view(check.password_file),
          std::string_view(check.name), std::string_view(check.expect_answer)})
        digest.add(text);
    digest.add(check.expect.size());
    for (const config::StatusRange& range : check.expect) {
        digest.add(std::uint64_t{range.first});
        digest.add(std::uint64_t{range.last});
    }
    digest.add(check.command.size());
    for (const std::string& word : check.command)
        digest.add(std::string_view(word));
}

}  // namespace

std::uint64_t target_digest(const Target& target) {
    Digest digest;
    digest.add(target.address);
    digest.add(std::string_view(target.pool));
    digest.add(std::string_view(target.backend));
    digest.add(std::uint64_t{target.tunnel.has_value()});
    if (target.tunnel) {
        digest.add(target.tunnel->vip);
        digest.add(std::uint64_t{static_cast<std::uint8_t>(target.tunnel->forward)});
    }
    add_numbers(target.check, digest);
    add_texts(target.check, digest);
    return digest.value();
}

}  // namespace vipfwd::health
