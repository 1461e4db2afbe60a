// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_dialog.h"

#include <fmt/format.h>

#include "control/health/failure.h"
#include "control/health/mysql_login.h"
#include "control/text/quote.h"

namespace vipfwd::health {
namespace {

constexpr std::uint8_t kProtocolVersion = 10;
constexpr char kOk = '\0', kMoreColumnsEnd = '\xfe', kError = '\xff', kSwitchPlugin = '\xfe';
constexpr char kQuit = 1, kQuery = 3;
constexpr std::size_t kMaxEndBytes = 9;  // of the packet that ends columns or rows
constexpr std::uint32_t kLongPassword = 1, kProtocol41 = 0x200, kTransactions = 0x2000,
                        kSecureConnection = 0x8000, kPluginAuth = 0x80000;
constexpr std::uint32_t kNeeded = kProtocol41 | kSecureConnection;
constexpr std::uint32_t kMaxPacketBytes = 1u << 24;
constexpr char kUtf8mb4 = 45;
constexpr std::string_view kPlugin = "mysql_native_password";
constexpr std::size_t kChallengeBytes = 20;

ProbeResult not_mysql(std::string_view received) {
    return failed(fmt::format("answer is not MySQL: {}", quote_answer(received)));
}

bool is_end(std::string_view payload) {
    return payload.starts_with(kMoreColumnsEnd) && payload.size() < kMaxEndBytes;
}

void append_integer(std::string& to, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
        to += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

std::optional<ProbeResult> MysqlDialog::receive(std::string_view bytes, std::string& reply) {
    if (phase_ == Phase::kQuitting)
        return std::nullopt;
    stream_.add(bytes);
    while (phase_ != Phase::kQuitting) {
        if (stream_.has_failed())
            return not_mysql(stream_.unread());
        const std::optional<MysqlStream::Packet> packet = stream_.take();
        if (!packet)
            break;
        if (packet->payload.empty() || packet->sequence != sequence_++)
            return not_mysql(packet->payload);
        if (std::optional<ProbeResult> result = read(packet->payload, reply))
            return result;
    }
    return std::nullopt;
}

std::optional<ProbeResult> MysqlDialog::read(std::string_view payload, std::string& reply) {
    if (payload.front() == kError)
        return failed(describe_mysql_error(payload.substr(1)));
    switch (phase_) {
        case Phase::kGreeting:
            return read_greeting(payload, reply);
        case Phase::kLogin:
            return read_login_answer(payload, reply);
        case Phase::kColumnCount:
            return read_column_count(payload);
        case Phase::kColumns:
            return read_column(payload);
        case Phase::kRows:
            return read_row(payload, reply);
        case Phase::kQuitting:
            break;
    }
    return std::nullopt;
}

std::optional<ProbeResult> MysqlDialog::read_greeting(std::string_view payload,
                                                      std::string& reply) {
    constexpr std::size_t kThreadBytes = 4, kFirstPart = 8, kFillerBytes = 1;
    constexpr std::size_t kCharsetAndStatusBytes = 3, kReservedBytes = 11;
    MysqlReader reader(payload);
    const std::uint64_t version = reader.integer(1);
    if (version != kProtocolVersion)
        return not_mysql(payload);
    reader.text_to_nul();  // the server's version
    reader.bytes(kThreadBytes);
    std::string challenge(reader.bytes(kFirstPart));
    reader.bytes(kFillerBytes);
    std::uint64_t capabilities = reader.integer(2);
    reader.bytes(kCharsetAndStatusBytes);
    capabilities |= reader.integer(2) << 16;
    reader.bytes(kReservedBytes);
    challenge += reader.bytes(kChallengeBytes - kFirstPart);
    if (reader.has_failed() || (capabilities & kNeeded) != kNeeded)
        return failed("the server does not speak the protocol of MySQL 4.1 and later");
    const auto proof = prove_mysql_password(check_.password, challenge);
    if (!proof)
        return not_checked("libcrypto has no SHA-1");
    send_packet(encode_login(*proof), reply);
    phase_ = Phase::kLogin;
    return std::nullopt;
}

std::string MysqlDialog::encode_login(std::string_view authentication) const {
    constexpr std::size_t kReservedBytes = 23;
    std::string login;
    append_integer(login, kNeeded | kLongPassword | kTransactions | kPluginAuth);
    append_integer(login, kMaxPacketBytes);
    login += kUtf8mb4;
    login.append(kReservedBytes, '\0');
    login += check_.user;
    login += '\0';
    login += static_cast<char>(authentication.size());
    login += authentication;
    login += kPlugin;
    login += '\0';
    return login;
}

std::optional<ProbeResult> MysqlDialog::read_login_answer(std::string_view payload,
                                                          std::string& reply) {
    if (payload.front() == kSwitchPlugin)
        return answer_plugin(payload.substr(1), reply);
    if (payload.front() != kOk)
        return not_mysql(payload);
    send_query(reply);
    return std::nullopt;
}

// The account is of another plugin than the one that the login named, or the challenge is new.
std::optional<ProbeResult> MysqlDialog::answer_plugin(std::string_view payload,
                                                      std::string& reply) {
    MysqlReader reader(payload);
    const std::string_view plugin = reader.text_to_nul();
    const std::string_view challenge = reader.bytes(kChallengeBytes);
    if (plugin != kPlugin)
        return failed(fmt::format("user {} logs in by {}; only {} is supported",
                                  text::quote(check_.user), quote_answer(plugin), kPlugin));
    const auto proof = prove_mysql_password(check_.password, challenge);
    if (reader.has_failed() || !proof)
        return not_mysql(payload);
    send_packet(*proof, reply);
    return std::nullopt;
}

// Refuses what is no result set: OK packets, and the wish for a file of the client (0xfb).
std::optional<ProbeResult> MysqlDialog::read_column_count(std::string_view payload) {
    constexpr char kTwoColumns = 2;
    if (payload.size() != 1 || payload.front() != kTwoColumns)
        return not_mysql(payload);
    phase_ = Phase::kColumns;
    return std::nullopt;
}

// What the columns are called does not matter.
std::optional<ProbeResult> MysqlDialog::read_column(std::string_view payload) {
    if (is_end(payload))
        phase_ = Phase::kRows;
    return std::nullopt;
}

std::optional<ProbeResult> MysqlDialog::read_row(std::string_view payload, std::string& reply) {
    if (!is_end(payload)) {
        MysqlReader reader(payload);
        const std::string_view name = reader.text();
        const std::string_view value = reader.text();
        if (reader.has_failed())
            return not_mysql(payload);
        state_.set(name, value);
        return std::nullopt;
    }
    if (++query_ < kMysqlQueries.size()) {
        send_query(reply);
        return std::nullopt;
    }
    const std::string fault = state_.find_fault(check_);
    result_ = fault.empty() ? good() : failed(fault);
    // The server would log a connection that ends without.
    send_command(kQuit, "", reply);
    phase_ = Phase::kQuitting;
    return std::nullopt;
}

void MysqlDialog::send_packet(std::string_view payload, std::string& reply) {
    reply += mysql_packet(sequence_++, payload);
}

void MysqlDialog::send_command(char command, std::string_view argument, std::string& reply) {
    sequence_ = 0;
    send_packet(command + std::string(argument), reply);
}

void MysqlDialog::send_query(std::string& reply) {
    send_command(kQuery, kMysqlQueries[query_], reply);
    phase_ = Phase::kColumnCount;
}

std::optional<ProbeResult> MysqlDialog::judge_end(DialogEnd end) const {
    if (result_)
        return result_;
    static constexpr const char* kAwaited[] = {"greeting", "answer to the login"};
    const bool is_early = phase_ <= Phase::kLogin;
    const char* awaited =
        is_early ? kAwaited[static_cast<std::size_t>(phase_)] : "answer to the query";
    switch (end) {
        case DialogEnd::kClosed:
            return failed(fmt::format("connection closed before the {}", awaited));
        case DialogEnd::kTooLong:
            return failed(fmt::format("{} is longer than 64 KiB", awaited));
        case DialogEnd::kTimeout:
            break;
    }
    if (phase_ == Phase::kGreeting && stream_.is_empty())
        return std::nullopt;
    return failed(fmt::format("no {} within {} ms", awaited, check_.timeout_ms));
}

}  // namespace vipfwd::health
