// SPDX-License-Identifier: Apache-2.0
#include "control/config/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <random>

#include "tests/control/config/expectation.h"
#include "tests/control/config/temporary_files.h"

namespace vipfwd::config::testing {
namespace {

using Load = TemporaryFiles;

void expect_only_error(const std::string& path, const std::string& fragment) {
    const LoadOutcome outcome = load(path);
    EXPECT_FALSE(outcome.config.has_value());
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_FALSE(outcome.diagnostics[0].where.is_set());
    EXPECT_NE(outcome.diagnostics[0].message.find(fragment), std::string::npos)
        << outcome.diagnostics[0].message;
}

TEST_F(Load, ReadsAFile) {
    const LoadOutcome outcome = load(write("good.toml", kPort + kPool + kService));
    EXPECT_TRUE(outcome.config.has_value());
    EXPECT_TRUE(outcome.diagnostics.empty());
}

TEST_F(Load, ATextIsThatOfAFileThatOthersMayNotChange) {
    const std::string text = kPort + kPool + kService;
    const std::string path = write("good.toml", "other text");
    EXPECT_TRUE(load_text(text, path, Writers::kTrusted).config.has_value());
    std::filesystem::permissions(path, std::filesystem::perms::all);
    const LoadOutcome outcome = load_text(text, path, Writers::kTrusted);
    EXPECT_FALSE(outcome.config.has_value());
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_NE(outcome.diagnostics[0].message.find("others may write"), std::string::npos);
    EXPECT_TRUE(load_text(text, path).config.has_value()) << "of any writer";
}

TEST_F(Load, ReportsAMissingFile) {
    expect_only_error(path_of("none.toml"), "cannot open: No such file or directory");
}

TEST_F(Load, DoesNotReadADirectory) {
    expect_only_error(path_of("."), "not a regular file");
}

TEST_F(Load, DoesNotWaitForAFifo) {
    ASSERT_EQ(::mkfifo(path_of("fifo").c_str(), 0600), 0);
    expect_only_error(path_of("fifo"), "not a regular file");
}

TEST_F(Load, DoesNotReadAnEndlessFile) {
    expect_only_error("/dev/zero", "not a regular file");
}

TEST_F(Load, DoesNotReadAHugeFile) {
    const std::string path = write("huge.toml", "", std::filesystem::perms::owner_all);
    std::filesystem::resize_file(path, (64u << 20) + 1);
    expect_only_error(path, "larger than 67108864 bytes");
}

TEST_F(Load, SurvivesGarbageBytes) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::string garbage(random() % 300, '\0');
        for (char& c : garbage)
            c = static_cast<char>(random());
        EXPECT_FALSE(load_text(garbage, "x.toml").config.has_value());
    }
}

TEST_F(Load, SurvivesDamageAnywhereInAGoodFile) {
    const std::string good = kPort + kPool + kService + kGroup + "peers = ['10.0.0.2']\n";
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char c : {'\0', '"', '\'', '[', ']', '{', '=', '.', '\n', '\\', '9', '\xff'}) {
            std::string damaged = good;
            damaged[at] = c;
            const LoadOutcome outcome = load_text(damaged, "x.toml");
            EXPECT_TRUE(outcome.config.has_value() || !outcome.diagnostics.empty());
        }
    }
}

TEST_F(Load, SurvivesKeysOfAMillionParts) {
    std::string key = "a";
    for (int i = 0; i < 1'000'000; ++i)
        key += ".a";
    for (const std::string& text : {key + " = 1\n", "[" + key + "]\n", "[[" + key + "]]\n"}) {
        const LoadOutcome outcome = load_text(text, "x.toml");
        ASSERT_EQ(outcome.diagnostics.size(), 1u);
        EXPECT_NE(outcome.diagnostics[0].message.find("key of more than 16 parts"),
                  std::string::npos);
    }
}

TEST_F(Load, KeepsABoundedNumberOfDiagnosticsAndCountsTheRest) {
    std::string text = kPort;
    text += "[gateway]\n";
    for (int i = 0; i < 10'007; ++i)
        text += fmt::format("x{} = 1\n", i);
    const LoadOutcome outcome = load_text(text, "x.toml");
    EXPECT_FALSE(outcome.config.has_value());
    ASSERT_EQ(outcome.diagnostics.size(), 10'001u);
    EXPECT_EQ(outcome.diagnostics.back().message, "7 more are not shown; fix those above first");
}

// With as many backends and services as there can be, or a part of them.
std::string large_config(std::uint32_t part = 1) {
    std::string text = kPort;
    for (std::uint32_t pool = 0; pool < 1024 / part; ++pool) {
        text += fmt::format("[[pool]]\nname = \"pool{}\"\nbackend = [\n", pool);
        for (std::uint32_t i = 0; i < 64; ++i)
            text += fmt::format(
                "  {{ name = \"backend{}\", address = \"10.{}.{}.{}\", weight = 10 }},\n", i,
                pool >> 8, pool & 255, i + 1);
        text += "]\n";
    }
    for (std::uint32_t i = 0; i < 4096 / part; ++i)
        text += fmt::format(
            "[[service]]\nname = \"service{}\"\nvip = \"10.200.{}.{}\"\nprotocol = \"tcp\"\n"
            "port = {}\npool = \"pool{}\"\n",
            i, i >> 8, i & 255, i + 1, i % (1024 / part));
    return text;
}

std::string with_dangling_references(std::string text) {
    for (std::size_t at = text.find("pool = \"pool"); at != std::string::npos;
         at = text.find("pool = \"pool", at + 12))
        text[at + 11] = 'k';
    return text;
}

// CPU time, so that what else the machine does counts little.
double cpu_seconds_to_load(const std::string& text) {
    const std::clock_t start = std::clock();
    (void)load_text(text, "x.toml");
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST_F(Load, ReadsTheMaximumOfBackendsAndServices) {
    const LoadOutcome outcome = load_text(large_config(), "x.toml");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_EQ(outcome.config->pools.size(), 1024u);
    EXPECT_EQ(outcome.config->services.size(), 4096u);
}

TEST_F(Load, ReportsTheMaximumOfDanglingReferences) {
    const LoadOutcome outcome = load_text(with_dangling_references(large_config()), "x.toml");
    EXPECT_EQ(outcome.diagnostics.size(), 4096u + 1024u);  // and all pools are unused
}

// Eight times as much would take 64 times as long if every entry were compared with every other.
TEST_F(Load, TakesTimeLinearInTheFilesSize) {
    EXPECT_LT(cpu_seconds_to_load(large_config()), 24 * cpu_seconds_to_load(large_config(8)));
    EXPECT_LT(cpu_seconds_to_load(with_dangling_references(large_config())),
              24 * cpu_seconds_to_load(with_dangling_references(large_config(8))));
}

}  // namespace
}  // namespace vipfwd::config::testing
