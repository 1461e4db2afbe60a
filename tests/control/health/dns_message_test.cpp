// SPDX-License-Identifier: Apache-2.0
#include "control/health/dns_message.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/control/health/dns_answers.h"

namespace vipfwd::health {
namespace {

using namespace std::string_view_literals;
using config::DnsRcode;
using config::DnsType;
using test::dns_answer;
using Texts = std::vector<std::string>;

DnsQuestion question(DnsType type, const std::string& name = "www.example.org") {
    return {.id = 0x1234, .name = name, .type = static_cast<std::uint16_t>(type)};
}

Texts records(DnsType type, std::string_view data) {
    const DnsQuestion asked = question(type);
    const auto answer = parse_dns_answer(dns_answer(asked, {std::string(data)}), asked);
    return answer ? answer->records : Texts{"none"};
}

TEST(DnsMessage, AQuestionIsThatOfTheRfc) {
    EXPECT_EQ(encode_dns_question(question(DnsType::kAaaa)),
              "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
              "\x03www\x07"
              "example\x03org\x00\x00\x1c\x00\x01"sv);
    EXPECT_EQ(encode_dns_question(question(DnsType::kSoa, ".")),
              "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x01"sv);
}

TEST(DnsMessage, EveryTypeHasItsText) {
    EXPECT_EQ(records(DnsType::kA, "\x0a\0\0\x01"sv), Texts{"10.0.0.1"});
    EXPECT_EQ(records(DnsType::kA, "\x0a"sv), Texts{""}) << "too short";
    EXPECT_EQ(records(DnsType::kAaaa, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"sv),
              Texts{"2001:db8::1"});
    EXPECT_EQ(records(DnsType::kTxt, "\x02to\x06gether"sv), Texts{"together"});
    EXPECT_EQ(records(DnsType::kTxt, "\x09short"sv), Texts{"short"});
    EXPECT_EQ(records(DnsType::kNs, "\x02ns\xc0\x10"sv), Texts{"ns.example.org"}) << "compressed";
    EXPECT_EQ(records(DnsType::kMx, "\0\x0a\x02mx\xc0\x10"sv), Texts{"mx.example.org"});
    EXPECT_EQ(records(DnsType::kMx, "\0"sv), Texts{""});
    EXPECT_EQ(records(DnsType::kSoa, "\x02ns\xc0\x10\0"sv), Texts{"ns.example.org"});
    EXPECT_EQ(records(DnsType::kPtr, "\xff\xff"sv), Texts{""}) << "no name";
}

TEST(DnsMessage, TellsTheRcodeAndAllRecords) {
    const DnsQuestion asked = question(DnsType::kA);
    std::string message =
        dns_answer(asked, {std::string("\x0a\0\0\x01", 4), std::string("\x0a\0\0\x02", 4)}, 3);
    auto answer = parse_dns_answer(message, asked);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->rcode, DnsRcode::kNxDomain);
    EXPECT_FALSE(answer->is_truncated);
    EXPECT_EQ(answer->records, (Texts{"10.0.0.1", "10.0.0.2"}));
    message[2] = static_cast<char>(message[2] | 2);
    EXPECT_TRUE(parse_dns_answer(message, asked)->is_truncated);
}

TEST(DnsMessage, OnlyAnAnswerToThisQuestionCounts) {
    const DnsQuestion asked = question(DnsType::kA);
    const std::string message = dns_answer(asked, {});
    ASSERT_TRUE(parse_dns_answer(message, asked));
    EXPECT_FALSE(parse_dns_answer(encode_dns_question(asked), asked)) << "no answer";
    for (const DnsQuestion& other :
         {DnsQuestion{0x1235, asked.name, asked.type}, question(DnsType::kAaaa),
          question(DnsType::kA, "www.example.com")})
        EXPECT_FALSE(parse_dns_answer(message, other));
    EXPECT_TRUE(parse_dns_answer(message, question(DnsType::kA, "WWW.example.org")));
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(parse_dns_answer(message.substr(0, size), asked)) << size;
    EXPECT_FALSE(parse_dns_answer(message + "x", asked));
}

}  // namespace
}  // namespace vipfwd::health
