// SPDX-License-Identifier: Apache-2.0
// What it means for a probe, and how operators are told, that libcurl ended a transfer without an
// answer.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "control/config/model.h"
#include "control/health/probe.h"

namespace vipfwd::health {

// `code` is not CURLE_OK, and no time-out. `text` is what libcurl wrote into CURLOPT_ERRORBUFFER.
ProbeResult result_of_transfer(CURL* easy, CURLcode code, std::string_view text,
                               const config::Check& check);

// "SSL certificate problem: certificate has expired" -> "TLS: certificate has expired".
std::string tls_reason(std::string_view text);

}  // namespace vipfwd::health
