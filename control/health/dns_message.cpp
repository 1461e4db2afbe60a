// SPDX-License-Identifier: Apache-2.0
#include "control/health/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <strings.h>

#include <array>

namespace vipfwd::health {
namespace {

void append_be16(std::string& to, std::uint16_t value) {
    to += static_cast<char>(value >> 8);
    to += static_cast<char>(value & 0xff);
}

std::string address_text(int family, const ns_rr& record, std::size_t bytes) {
    std::array<char, INET6_ADDRSTRLEN> text;
    if (ns_rr_rdlen(record) != bytes ||
        inet_ntop(family, ns_rr_rdata(record), text.data(), text.size()) == nullptr)
        return "";
    return text.data();
}

// Of a name that begins so many bytes into the record's data.
std::string name_text(const ns_msg& message, const ns_rr& record, std::size_t skip) {
    std::array<char, NS_MAXDNAME> text;
    if (ns_rr_rdlen(record) < skip)
        return "";
    const int read = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message),
                                        ns_rr_rdata(record) + skip, text.data(), text.size());
    return read < 0 ? "" : text.data();
}

// Character strings, each with its length before it.
std::string txt_text(const ns_rr& record) {
    std::string_view rest(reinterpret_cast<const char*>(ns_rr_rdata(record)), ns_rr_rdlen(record));
    std::string text;
    while (!rest.empty()) {
        const auto bytes = static_cast<std::uint8_t>(rest.front());
        text += rest.substr(1, bytes);
        rest.remove_prefix(rest.size() < std::size_t{bytes} + 1 ? rest.size() : bytes + 1u);
    }
    return text;
}

std::string record_text(const ns_msg& message, const ns_rr& record) {
    switch (ns_rr_type(record)) {
        case ns_t_a:
            return address_text(AF_INET, record, sizeof(in_addr));
        case ns_t_aaaa:
            return address_text(AF_INET6, record, sizeof(in6_addr));
        case ns_t_txt:
            return txt_text(record);
        case ns_t_mx:
            return name_text(message, record, sizeof(std::uint16_t));
        case ns_t_ns:
        case ns_t_cname:
        case ns_t_ptr:
        case ns_t_soa:
            return name_text(message, record, 0);
        default:
            return "";
    }
}

bool asks(const ns_rr& record, const DnsQuestion& question) {
    return strcasecmp(ns_rr_name(record), question.name.c_str()) == 0 &&
           ns_rr_type(record) == question.type && ns_rr_class(record) == ns_c_in;
}

}  // namespace

std::string encode_dns_question(const DnsQuestion& question) {
    constexpr std::uint16_t kRecursionDesired = 0x0100, kQuestions = 1;
    std::string message;
    for (const std::uint16_t word : {question.id, kRecursionDesired, kQuestions})
        append_be16(message, word);
    message.append(3 * sizeof(std::uint16_t), '\0');  // there are no records
    std::array<unsigned char, NS_MAXCDNAME> name;
    const int bytes =
        ns_name_compress(question.name.c_str(), name.data(), name.size(), nullptr, nullptr);
    message.append(reinterpret_cast<const char*>(name.data()), bytes < 0 ? 0 : bytes);
    append_be16(message, question.type);
    append_be16(message, ns_c_in);
    return message;
}

std::optional<DnsAnswer> parse_dns_answer(std::string_view message, const DnsQuestion& question) {
    ns_msg parsed;
    ns_rr record;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
    if (message.size() < NS_HFIXEDSZ ||
        ns_initparse(bytes, static_cast<int>(message.size()), &parsed) != 0)
        return std::nullopt;
    if (ns_msg_id(parsed) != question.id || ns_msg_getflag(parsed, ns_f_qr) == 0 ||
        ns_msg_count(parsed, ns_s_qd) != 1 || ns_parserr(&parsed, ns_s_qd, 0, &record) != 0 ||
        !asks(record, question))
        return std::nullopt;
    DnsAnswer answer;
    answer.rcode = static_cast<config::DnsRcode>(ns_msg_getflag(parsed, ns_f_rcode));
    answer.is_truncated = ns_msg_getflag(parsed, ns_f_tc) != 0;
    for (int i = 0; i < ns_msg_count(parsed, ns_s_an); ++i) {
        if (ns_parserr(&parsed, ns_s_an, i, &record) != 0)
            return std::nullopt;
        if (ns_rr_type(record) == question.type)
            answer.records.push_back(record_text(parsed, record));
    }
    return answer;
}

}  // namespace vipfwd::health
