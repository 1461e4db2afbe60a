// SPDX-License-Identifier: Apache-2.0
#include "control/health/prober.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "control/health/curl_loop.h"
#include "control/health/http_probe.h"
#include "control/health/tcp_probe.h"

namespace vipfwd::health {

struct Prober::Engines {
    // A libcurl of its own for each file of certificates: libcurl keeps one file in memory.
    CurlLoop& curl_loop(const config::Check& check) {
        return curl_loops.try_emplace(check.ca_file, loop).first->second;
    }

    Loop& loop;
    std::map<std::string, CurlLoop> curl_loops = {};
};

Prober::Prober(Loop& loop) : engines_(std::make_unique<Engines>(Engines{loop})) {}
Prober::~Prober() = default;

std::unique_ptr<Probe> Prober::start(const Target& target, OnProbed on_probed) {
    switch (target.check.type) {
        case config::CheckType::kTcp:
            return std::make_unique<TcpProbe>(engines_->loop, target, std::move(on_probed));
        case config::CheckType::kHttp:
        case config::CheckType::kHttps:
            return std::make_unique<HttpProbe>(engines_->loop, engines_->curl_loop(target.check),
                                               target, std::move(on_probed));
        case config::CheckType::kNone:
            break;
    }
    throw std::logic_error("a backend without a check is probed");
}

}  // namespace vipfwd::health
