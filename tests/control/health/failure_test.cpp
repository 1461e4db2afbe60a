// SPDX-License-Identifier: Apache-2.0
#include "control/health/failure.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "control/text/utf8.h"

namespace vipfwd::health {
namespace {

using Kind = ProbeResult::Kind;

TEST(Failure, AnErrorSaysWhetherTheHostTheServiceOrThisMachineFailed) {
    for (const int error : {ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN})
        EXPECT_EQ(result_of_error(error).kind, Kind::kUnreachable) << error;
    for (const int error : {ECONNREFUSED, ECONNRESET, EPIPE, EPROTO})
        EXPECT_EQ(result_of_error(error).kind, Kind::kFailed) << error;
    for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EAGAIN})
        EXPECT_EQ(result_of_error(error).kind, Kind::kNone) << error;
    EXPECT_EQ(result_of_error(ECONNREFUSED).reason, "connection refused");
    EXPECT_EQ(result_of_error(EMFILE).reason, "not checked: Too many open files");
}

TEST(Failure, ATimeOutIsOneOfTheBackendUnlessThisProcessIsLate) {
    config::Check check;
    check.timeout_ms = 300;
    const ProbeResult no_connection = result_of_timeout(check, false, 100'000'000);
    EXPECT_EQ(no_connection.kind, Kind::kUnreachable);
    EXPECT_EQ(no_connection.reason, "no answer within 300 ms");
    const ProbeResult no_answer = result_of_timeout(check, true, 200'000'000);
    EXPECT_EQ(no_answer.kind, Kind::kFailed);
    EXPECT_EQ(no_answer.reason, "connected, but no answer within 300 ms");
    const ProbeResult late = result_of_timeout(check, true, 201'000'000);
    EXPECT_EQ(late.kind, Kind::kNone);
    EXPECT_EQ(late.reason, "not checked: this process was 201 ms late to look for the answer");
}

TEST(Failure, WhatAServerSentIsShownShortAndPrintable) {
    EXPECT_EQ(quote_answer("-ERR\r\n"), "'-ERR\\x0d\\x0a'");
    EXPECT_EQ(quote_answer(std::string(60, 'a')), "'" + std::string(60, 'a') + "'");
    EXPECT_EQ(quote_answer(std::string(61, 'a')), "'" + std::string(60, 'a') + "...'");
    EXPECT_EQ(quote_answer("gr\xc3\xbcn"), "'gr\xc3\xbcn'");
    EXPECT_EQ(quote_answer("\xff\xfe"), "'\\xff\\xfe'");
}

TEST(Failure, WhatAServerSentIsCutBetweenCharacters) {
    EXPECT_EQ(quote_answer(std::string(59, 'a') + "\xc3\xbc" + "a"),
              "'" + std::string(59, 'a') + "...'");
    for (std::size_t bytes = 50; bytes < 70; ++bytes) {
        for (const char* more : {"\xf0\x9f\x8e\x89", "\xf0\x9f", "\x80\x80", "\xff"}) {
            const std::string shown = quote_answer(std::string(bytes, 'a') + more + more);
            EXPECT_FALSE(text::find_invalid_utf8(shown)) << shown;
        }
    }
}

}  // namespace
}  // namespace vipfwd::health
