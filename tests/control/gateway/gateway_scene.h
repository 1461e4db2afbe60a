// SPDX-License-Identifier: Apache-2.0
// A gateway whose dataplane is the test.
#pragma once

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "control/gateway/gateway.h"
#include "tests/control/gateway/fake_dataplane.h"

namespace vipfwd::gateway {

inline constexpr const char* kCapture = R"(
[gateway]
name = "test"
[dataplane]
hugepages = false
[[port]]
name = "uplink"
device = "in.pcap"
output = "out.pcap"
driver = "pcap"
mac = "02:00:00:00:00:01"
addresses = ["10.0.0.1/24"]
[[neighbor]]
address = "10.0.0.11"
mac = "02:00:00:00:00:0b"
)";

inline constexpr const char* kBalancing = R"(
[[pool]]
name = "web"
backend = [{ name = "web1", address = "10.0.0.11" }]
[[service]]
name = "web"
vip = "10.0.0.100"
protocol = "tcp"
port = 80
pool = "web"
)";

class GatewayTest : public testing::Test {
  protected:
    // At once: a reload may be reading the file.
    void write_config(const std::string& text) {
        const std::string path = options_.config_path + ".new";
        std::ofstream(path, std::ios::trunc) << text;
        std::filesystem::rename(path, options_.config_path);
    }
    // Control starts (again), on the configuration as it is.
    void start() {
        gateway_.reset();
        gateway_.emplace(loop_, options_, load(options_));
        const Result<void> started = gateway_->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    FakeDataplane& connect(std::optional<abi::RegionMapping> region = {}) {
        dataplane_.emplace(loop_, options_.run_directory);
        EXPECT_TRUE(dataplane_->is_connected());
        dataplane_->give_region(std::move(region));
        dataplane_->connect();
        EXPECT_TRUE(run_until([this] { return dataplane_->generation() != 0; }));
        return *dataplane_;
    }
    plan::Outcome reload(plan::Mode mode = {}) {
        std::optional<plan::Outcome> answer;
        gateway_->reload(mode, [&](const plan::Outcome& outcome) { answer = outcome; });
        EXPECT_FALSE(answer) << "it takes a while";
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return answer.value_or(plan::Outcome());
    }
    // What a client of the control socket gets in response.
    std::string ask(const std::string& request) {
        const abi::Fd client = test::connect_to(abi::control_socket_path(options_.run_directory));
        EXPECT_EQ(send(client.get(), request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
        std::string line;
        EXPECT_TRUE(run_until([&] {
            std::array<char, 4096> bytes;
            const ssize_t count = recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            line.append(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
            return line.ends_with('\n');
        }));
        return line;
    }
    bool run_until(const std::function<bool()>& condition) {
        return gateway::run_until(loop_, condition);
    }
    bool becomes_ready() {
        dataplane_->become_ready();
        return run_until([this] { return gateway_->view().dataplane.ready; });
    }

    test::SocketDirectory directory_;
    Options options_{.config_path = directory_ / "vipfwd.toml",
                     .run_directory = directory_ / "run",
                     .replay = {}};
    Loop loop_;
    std::optional<Gateway> gateway_;
    std::optional<FakeDataplane> dataplane_;
};

// The configuration with its port renamed, also where a group names it.
inline std::string with_renamed_port(std::string text) {
    for (std::size_t at = 0; (at = text.find("\"uplink\"", at)) != std::string::npos;)
        text.replace(at, 8, "\"wan\"");
    return text;
}

}  // namespace vipfwd::gateway
