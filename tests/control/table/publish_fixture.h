// SPDX-License-Identifier: Apache-2.0
// A publisher, and a reader of its region.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "control/table/boot_parameters.h"
#include "control/table/publish.h"
#include "dataplane/abi/validate.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {

inline abi::Fd duplicate(int fd) {
    return abi::Fd(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

// Does what a dataplane does with a region: maps it, validates the generation in force,
// acknowledges.
class Reader {
  public:
    explicit Reader(int fd)
        : region_(abi::RegionMapping::map(duplicate(fd), abi::RegionSide::kDataplane).value()) {}

    // The number of the generation in force, 0 if there is none; an error if it is not valid.
    Result<std::uint64_t> read_generation() {
        const auto active = abi::ActiveGeneration::unpack(region_.control().active.load());
        if (active.none())
            return std::uint64_t{0};
        Result<void> copied =
            abi::copy_generation(region_.control().generations[active.store], *copy_);
        if (!copied)
            return copied.error();
        if (Result<void> sound = abi::validate_tables(*copy_); !sound)
            return sound.error();
        if (Result<void> sound = abi::RingCheck().validate(*copy_, region_.control().rings); !sound)
            return sound.error();
        return copy_->header.generation;
    }

    void acknowledge(int worker, std::uint64_t generation) {
        region_.status_for_writing().workers[worker].heartbeat_ns.store(1);
        region_.status_for_writing().workers[worker].generation.store(generation);
    }

    const abi::Generation& tables() const { return *copy_; }
    abi::DataplaneStatus& status() { return region_.status_for_writing(); }

  private:
    abi::RegionMapping region_;
    std::unique_ptr<abi::Generation> copy_ = std::make_unique<abi::Generation>();
};

class PublishTest : public ::testing::Test {
  protected:
    PublishTest()
        : publisher_(Publisher::create(boot_parameters(on_normal_pages())).value()),
          reader_(publisher_.region().fd()) {}

    void publish(const config::Config& config, bool readers_caught_up = true) {
        Build next = sample::must_build(config, publisher_.in_force());
        ASSERT_TRUE(publisher_.publish(std::move(next), readers_caught_up));
    }

    // KillingWriter counts pages, which must be small.
    static config::Config on_normal_pages() {
        config::Config config = sample::config();
        config.dataplane.memory = abi::Memory::kNormal;
        return config;
    }

    static config::Config with_backends(int count) {
        config::Config config = sample::config();
        config.pools[0].backends.clear();
        for (int i = 0; i < count; ++i) {
            config::Backend one = sample::backend("web" + std::to_string(i), "10.0.1.0");
            one.address = IpAddress::from_v4(Be32::from_host(0x0a000100 + i));
            config.pools[0].backends.push_back(one);
        }
        return config;
    }

    Publisher publisher_;
    Reader reader_;
};

}  // namespace vipfwd::table
