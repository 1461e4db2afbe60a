// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_packet.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace vipfwd::health {
namespace {

using namespace std::string_view_literals;

TEST(MysqlReader, ReadsNumbersAndTexts) {
    MysqlReader reader("\x01\x02\x03name\0\x02hi\xfb\xfc\x03\0abc"sv);
    EXPECT_EQ(reader.integer(3), 0x030201u);
    EXPECT_EQ(reader.text_to_nul(), "name");
    EXPECT_EQ(reader.text(), "hi");
    EXPECT_EQ(reader.text(), "") << "NULL";
    EXPECT_EQ(reader.text(), "abc");
    EXPECT_EQ(reader.rest(), "");
    EXPECT_FALSE(reader.has_failed());
}

TEST(MysqlReader, FailsAtTheEnd) {
    for (const std::string_view payload : {""sv,
                                           "\x03"
                                           "ab"sv,
                                           "\xfc\x01"sv,
                                           "\xfe\xff\xff\xff\xff\xff\xff\xff\xff"
                                           "abc"sv,
                                           "\xff"sv}) {
        MysqlReader reader(payload);
        EXPECT_EQ(reader.text(), "");
        EXPECT_TRUE(reader.has_failed());
        EXPECT_EQ(reader.integer(2), 0u) << "and stays failed";
    }
    MysqlReader reader("no end");
    EXPECT_EQ(reader.text_to_nul(), "");
    EXPECT_TRUE(reader.has_failed());
}

TEST(MysqlStream, GivesWholePackets) {
    MysqlStream stream;
    const std::string packet = mysql_packet(7, "payload");
    stream.add(packet.substr(0, 9));
    EXPECT_FALSE(stream.take());
    stream.add(packet.substr(9) + mysql_packet(8, ""));
    const auto first = stream.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->sequence, 7);
    EXPECT_EQ(first->payload, "payload");
    const auto second = stream.take();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->payload, "");
    EXPECT_TRUE(stream.is_empty());
}

TEST(MysqlStream, FailsAtAPacketThatIsTooLong) {
    MysqlStream stream;
    stream.add(mysql_packet(0, std::string(MysqlStream::kMaxPayloadBytes, 'x')));
    EXPECT_FALSE(stream.has_failed());
    EXPECT_TRUE(stream.take());
    stream.add("\x01\x40\0\0"sv);
    EXPECT_TRUE(stream.has_failed());
}

TEST(MysqlError, IsDescribedWithAndWithoutAState) {
    EXPECT_EQ(describe_mysql_error("\x15\x04#28000Access denied"), "error 1045: Access denied");
    EXPECT_EQ(describe_mysql_error("\x10\x04Too many connections"),
              "error 1040: Too many connections");
    EXPECT_EQ(describe_mysql_error("\x10"), "error 0: ");
}

}  // namespace
}  // namespace vipfwd::health
