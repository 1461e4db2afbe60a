// SPDX-License-Identifier: Apache-2.0
// Parses values that are one of a few words. The error lists the words: "unknown driver 'afxdp';
// use one of pci, af_xdp, ...; did you mean 'af_xdp'?"
#pragma once

#include <string_view>

#include "control/config/model.h"
#include "dataplane/abi/result.h"

namespace vipfwd::config {

Result<abi::Driver> parse_driver(std::string_view text);
Result<abi::Idle> parse_idle(std::string_view text);
Result<abi::Protocol> parse_protocol(std::string_view text);
Result<abi::Forward> parse_forward(std::string_view text);
Result<abi::Affinity> parse_affinity(std::string_view text);
Result<ForeignVips> parse_foreign_vips(std::string_view text);
Result<CheckType> parse_check_type(std::string_view text);
Result<DnsType> parse_dns_type(std::string_view text);
Result<DnsRcode> parse_dns_rcode(std::string_view text);
Result<Via> parse_via(std::string_view text);
Result<OnDown> parse_on_down(std::string_view text);
Result<PoolMode> parse_pool_mode(std::string_view text);

// The word that the configuration has for a value. "unknown" for a value that is none of the
// enum's.
std::string_view word(abi::Driver driver);
std::string_view word(abi::Protocol protocol);
std::string_view word(abi::Forward forward);
std::string_view word(abi::Affinity affinity);
std::string_view word(CheckType type);  // "none" for kNone
std::string_view word(DnsType type);
std::string_view word(DnsRcode rcode);
std::string_view word(Via via);
std::string_view word(OnDown on_down);
std::string_view word(PoolMode mode);

}  // namespace vipfwd::config
