// SPDX-License-Identifier: Apache-2.0
// The thread of the checks, with real probes of a port at which nothing listens.
#include "control/health/checks.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/handover.h"
#include "tests/control/loop/deadline.h"

namespace vipfwd::health {
namespace {

// A port of 127.0.0.1 that is bound: a server listens at it, or nobody else can.
class BoundPort {
  public:
    BoundPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        socklen_t size = sizeof address;
        getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    void start() { EXPECT_EQ(listen(socket_.get(), 16), 0); }
    std::uint16_t port() const { return port_; }

  private:
    abi::Fd socket_;
    std::uint16_t port_ = 0;
};

class ChecksTest : public ::testing::Test {
  protected:
    void configure(std::uint16_t port) {
        config::Pool pool;
        pool.name = "web";
        pool.check = {.type = config::CheckType::kTcp,
                      .port = port,
                      .interval_ms = 20,
                      .fast_interval_ms = 20,
                      .timeout_ms = 20,
                      .rise = 1};
        pool.backends.resize(1);
        pool.backends[0].address = parse_ip("127.0.0.1").value();
        auto config = std::make_shared<config::Config>();
        config->pools.push_back(pool);
        config_ = config;
        checks_.configure(config_, [](const config::Config&) { return std::vector<Standing>(1); });
    }

    bool wait_for(Verdict verdict) {
        return test::run_until(loop_, [&] {
            return standings_ != nullptr && standings_->config == config_ &&
                   standings_->of(0, 0).verdict == verdict;
        });
    }

    Loop loop_;
    std::shared_ptr<const config::Config> config_;
    std::shared_ptr<const Standings> standings_;
    Checks checks_{loop_, [this](std::shared_ptr<const Standings> standings) {
                       standings_ = std::move(standings);
                   }};
};

TEST_F(ChecksTest, TheLoopHearsOfEachChange) {
    BoundPort server;
    configure(server.port());
    ASSERT_TRUE(wait_for(Verdict::kBad));
    EXPECT_EQ(standings_->of(0, 0).failure->reason, "connection refused");
    EXPECT_FALSE(standings_->of(0, 0).failure->is_host_unreachable);
    server.start();
    EXPECT_TRUE(wait_for(Verdict::kGood));
}

TEST_F(ChecksTest, TheirResultsCanBeShown) {
    BoundPort server;
    server.start();
    configure(server.port());
    ASSERT_TRUE(wait_for(Verdict::kGood));
    const CheckViews views = checks_.views();
    EXPECT_EQ(views.config, config_);
    ASSERT_EQ(views.of_backends, std::vector<std::uint32_t>{0});
    EXPECT_EQ(views.checks[0].standing.verdict, Verdict::kGood);
    EXPECT_GE(views.checks[0].record.count(ProbeResult::Kind::kGood), 1u);
    EXPECT_TRUE(views.checks[0].record.latencies().has_value());
}

TEST_F(ChecksTest, EachConfigurationIsAnsweredEvenIfNothingIsChecked) {
    checks_.configure(config_ = std::make_shared<const config::Config>(),
                      [](const config::Config&) { return std::vector<Standing>(); });
    test::run_until(loop_, [this] { return standings_ != nullptr; });
    ASSERT_NE(standings_, nullptr);
    EXPECT_EQ(standings_->config, config_);
}

}  // namespace
}  // namespace vipfwd::health
