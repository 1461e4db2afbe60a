// SPDX-License-Identifier: Apache-2.0
#include "control/health/prober.h"

#include <cstdint>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "control/health/agent_dialog.h"
#include "control/health/amqp_dialog.h"
#include "control/health/curl_loop.h"
#include "control/health/dialog_probe.h"
#include "control/health/dns_dialog.h"
#include "control/health/echo_sockets.h"
#include "control/health/http_probe.h"
#include "control/health/mysql_dialog.h"
#include "control/health/path_mtu_probe.h"
#include "control/health/probe_socket.h"
#include "control/health/script_probe.h"
#include "control/health/text_dialog.h"
#include "control/health/tunnel_probe.h"
#include "control/health/tunnels.h"

namespace vipfwd::health {

struct Prober::Engines {
    explicit Engines(Loop& of) : loop(of) {}

    // A libcurl of its own for each file of certificates: libcurl keeps one file in memory.
    CurlLoop& curl_loop(const config::Check& check) {
        return curl_loops.try_emplace(check.ca_file, loop).first->second;
    }

    // From the system: nobody should be able to answer in the place of a server.
    std::uint16_t random_id() { return static_cast<std::uint16_t>(random()); }

    // `check` must outlive the probe.
    std::unique_ptr<Probe> start(const config::Check& check, const Way& way, OnProbed on_probed,
                                 Attempt attempt);

    Loop& loop;
    EchoSockets echo_sockets{loop};
    std::random_device random = {};
    std::map<std::string, CurlLoop> curl_loops = {};
    Tunnels tunnels = {};
};

std::unique_ptr<Probe> Prober::Engines::start(const config::Check& check, const Way& way,
                                              OnProbed on_probed, Attempt attempt) {
    const auto start_dialog = [&](Transport transport, std::unique_ptr<Dialog> dialog) {
        return std::make_unique<DialogProbe>(loop, check, way, transport, std::move(dialog),
                                             std::move(on_probed));
    };
    if (attempt == Attempt::kPathMtu)
        return std::make_unique<PathMtuProbe>(loop, echo_sockets, way, std::move(on_probed));
    switch (check.type) {
        case config::CheckType::kTcp:
            if (check.send.empty() && check.receive.empty())
                return start_dialog(Transport::kTcp, nullptr);
            return start_dialog(Transport::kTcp, std::make_unique<TextDialog>(check));
        case config::CheckType::kUdp:
            return start_dialog(Transport::kUdp, std::make_unique<TextDialog>(check));
        case config::CheckType::kHttp:
        case config::CheckType::kHttps:
            return std::make_unique<HttpProbe>(loop, curl_loop(check), check, way,
                                               std::move(on_probed));
        case config::CheckType::kMysql:
            return start_dialog(Transport::kTcp, std::make_unique<MysqlDialog>(check));
        case config::CheckType::kAmqp:
            if (attempt == Attempt::kConnect)
                return start_dialog(Transport::kTcp, nullptr);
            return start_dialog(Transport::kTcp, std::make_unique<AmqpDialog>());
        case config::CheckType::kDns:
            return start_dialog(Transport::kUdp, std::make_unique<DnsDialog>(check, random_id()));
        case config::CheckType::kScript:  // see Prober::start()
        case config::CheckType::kNone:
            break;
    }
    throw std::logic_error("a backend without a check is probed");
}

Prober::Prober(Loop& loop) : engines_(std::make_unique<Engines>(loop)) {}
Prober::~Prober() = default;

std::unique_ptr<Probe> Prober::start(const Target& target, OnProbed on_probed, Attempt attempt) {
    if (attempt == Attempt::kAgent)
        return std::make_unique<DialogProbe>(engines_->loop, target.check,
                                             Way{.to = target.address}, Transport::kTcp,
                                             std::make_unique<AgentDialog>(), std::move(on_probed));
    if (target.check.type == config::CheckType::kScript)
        return std::make_unique<ScriptProbe>(engines_->loop, target, std::move(on_probed));
    if (!target.tunnel)
        return engines_->start(target.check, {.to = target.address}, std::move(on_probed), attempt);
    return std::make_unique<TunnelProbe>(
        engines_->loop, engines_->tunnels, target,
        [engines = engines_.get(), attempt](const config::Check& check, const Way& way,
                                            OnProbed on_inner_probed) {
            return engines->start(check, way, std::move(on_inner_probed), attempt);
        },
        std::move(on_probed));
}

void Prober::use(std::shared_ptr<const TunnelNetwork> network) {
    engines_->tunnels.use(std::move(network));
}

}  // namespace vipfwd::health
