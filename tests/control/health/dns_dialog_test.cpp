// SPDX-License-Identifier: Apache-2.0
#include "control/health/dns_dialog.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/control/health/dns_answers.h"
#include "tests/control/health/probe_fixture.h"

namespace vipfwd::health {
namespace {

using Data = std::vector<std::string>;

const std::string kOne("\x0a\0\0\x01", 4);
const std::string kTwo("\x0a\0\0\x02", 4);
const DnsQuestion kQuestion{.id = 7, .name = "example.org", .type = 1};

config::Check make_check(const std::string& expect_answer = "",
                         config::DnsRcode rcode = config::DnsRcode::kNoError) {
    config::Check check{.type = config::CheckType::kDns};
    check.name = kQuestion.name;
    check.expect_answer = expect_answer;
    check.expect_rcode = rcode;
    return check;
}

std::string judge(const config::Check& check, const Data& data, int rcode = 0) {
    DnsDialog dialog(check, kQuestion.id);
    EXPECT_EQ(dialog.begin(), encode_dns_question(kQuestion));
    std::string reply;
    const auto result = dialog.receive(test::dns_answer(kQuestion, data, rcode), reply);
    EXPECT_EQ(reply, "");
    return result ? text_of(*result) : "unknown";
}

TEST(DnsDialog, TheExpectedRcodeIsGood) {
    EXPECT_EQ(judge(make_check(), {}), "good");
    EXPECT_EQ(judge(make_check("", config::DnsRcode::kRefused), {}, 5), "good");
    EXPECT_EQ(judge(make_check(), {}, 2),
              "failed: answer is SERVFAIL (rcode 2), NOERROR is expected");
    EXPECT_EQ(judge(make_check(), {}, 9),
              "failed: answer is unknown (rcode 9), NOERROR is expected");
}

TEST(DnsDialog, OneOfTheRecordsIsTheExpectedAnswer) {
    const config::Check check = make_check("10.0.0.2");
    EXPECT_EQ(judge(check, {kOne, kTwo}), "good");
    EXPECT_EQ(judge(check, {kOne}), "failed: answer is '10.0.0.1', '10.0.0.2' is expected");
    EXPECT_EQ(judge(check, {kOne, kOne}),
              "failed: answer is '10.0.0.1' and others, '10.0.0.2' is expected");
    EXPECT_EQ(judge(check, {}), "failed: answer is no record, '10.0.0.2' is expected");
}

TEST(DnsDialog, WhatDoesNotAnswerTheQuestionIsIgnored) {
    const config::Check check = make_check();
    DnsDialog dialog(check, kQuestion.id);
    std::string reply;
    EXPECT_FALSE(dialog.judge_end(DialogEnd::kTimeout)) << "nothing has come";
    DnsQuestion other = kQuestion;
    other.id = 8;
    EXPECT_FALSE(dialog.receive(test::dns_answer(other, {}), reply));
    EXPECT_FALSE(dialog.receive("", reply));
    EXPECT_EQ(text_of(*dialog.judge_end(DialogEnd::kTimeout)),
              "failed: no answer within 500 ms, only datagrams that do not answer the question");
    EXPECT_EQ(text_of(*dialog.judge_end(DialogEnd::kTooLong)),
              "failed: 64 KiB of datagrams do not answer the question");
    EXPECT_EQ(text_of(*dialog.receive(test::dns_answer(kQuestion, {}), reply)), "good");
}

}  // namespace
}  // namespace vipfwd::health
