// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/capture_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

struct FileHeader {
    std::uint32_t magic = 0xa1b2c3d4;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t zone = 0;
    std::uint32_t accuracy = 0;
    std::uint32_t longest = 65535;
    std::uint32_t link_type = 1;
};

struct RecordHeader {
    std::uint32_t time[2] = {0, 0};
    std::uint32_t captured = 60;
    std::uint32_t length = 60;
};

template <typename T>
std::string bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string capture(int packets, FileHeader header = {}) {
    std::string text = bytes_of(header);
    for (int i = 0; i < packets; ++i)
        text += bytes_of(RecordHeader{}) + std::string(60, '\x5a');
    return text;
}

class CaptureFile : public testing::Test {
  protected:
    CaptureFile() : place_(fs::path(testing::TempDir()) / ("capture" + std::to_string(getpid()))) {
        fs::create_directories(place_);
    }
    ~CaptureFile() override { fs::remove_all(place_); }

    std::string path(const std::string& name) const { return place_ / name; }
    std::string write(const std::string& name, const std::string& bytes) const {
        std::ofstream(place_ / name, std::ios::binary) << bytes;
        return path(name);
    }
    static std::string fault(const Result<abi::Fd>& opened) {
        return opened ? "" : opened.error().message;
    }

    fs::path place_;
};

TEST_F(CaptureFile, AValidCaptureIsOpened) {
    EXPECT_EQ(fault(open_capture(write("in.pcap", capture(3)))), "");
    EXPECT_EQ(fault(open_capture(write("empty.pcap", capture(0)))), "");
}

TEST_F(CaptureFile, AnyNameIsPossible) {
    const Result<abi::Fd> opened = open_capture(write("a,b=c [d].pcap", capture(1)));
    ASSERT_EQ(fault(opened), "");
    EXPECT_EQ(path_of(opened->get()).find(','), std::string::npos);
    EXPECT_EQ(fs::read_symlink(path_of(opened->get())), path("a,b=c [d].pcap"));
}

TEST_F(CaptureFile, ATruncatedCaptureIsAnErrorWithTheNumberOfPackets) {
    const std::string whole = capture(3);
    for (const std::size_t missing : {1u, 59u, 60u, 75u}) {
        const std::string cut = write("cut.pcap", whole.substr(0, whole.size() - missing));
        EXPECT_EQ(fault(open_capture(cut)), cut + ": truncated after 2 packets");
    }
}

TEST_F(CaptureFile, ACaptureWithAnImpossibleLengthIsDamaged) {
    std::string bytes = capture(2);
    bytes.replace(24 + 76 + 8, 4, "\xff\xff\xff\xff", 4);
    const std::string damaged = write("damaged.pcap", bytes);
    EXPECT_EQ(fault(open_capture(damaged)), damaged + ": damaged after 1 packets");
}

TEST_F(CaptureFile, AnotherFileIsNoCapture) {
    for (const std::string& bytes :
         {std::string(), std::string("text\n"), std::string(100, '\0')}) {
        const std::string file = write("other", bytes);
        EXPECT_EQ(fault(open_capture(file)).rfind(file + ": not a capture file: ", 0), 0u);
    }
}

TEST_F(CaptureFile, ACaptureWithoutEthernetIsAnError) {
    FileHeader header;
    header.link_type = 101;
    const std::string file = write("raw.pcap", capture(1, header));
    EXPECT_EQ(fault(open_capture(file)), file + ": holds packets of link type RAW, not Ethernet");
}

TEST_F(CaptureFile, ACaptureOnAllInterfacesIsAnErrorThatSaysWhatToDo) {
    for (const std::uint32_t cooked : {113u, 276u}) {
        FileHeader header;
        header.link_type = cooked;
        const std::string said = fault(open_capture(write("any.pcap", capture(1, header))));
        EXPECT_NE(said.find("capture on one of them"), std::string::npos) << said;
    }
}

TEST_F(CaptureFile, ACaptureOfSeveralLinkTypesIsAnErrorThatSaysSo) {
    const auto block = [](std::uint32_t type, const std::string& body) {
        const auto size = static_cast<std::uint32_t>(body.size() + 12);
        return bytes_of(type) + bytes_of(size) + body + bytes_of(size);
    };
    const auto interface = [&](std::uint32_t link) {
        return block(1, bytes_of(link) + bytes_of(std::uint32_t{0}));
    };
    const std::string section =
        block(0x0a0d0d0a, bytes_of(std::uint32_t{0x1a2b3c4d}) + bytes_of(std::uint32_t{1}) +
                              std::string(8, '\xff'));
    const std::string file = write("two.pcapng", section + interface(1) + interface(113));
    const std::string said = fault(open_capture(file));
    EXPECT_EQ(said.rfind(file + ": holds packets of several link types", 0), 0u) << said;
}

TEST_F(CaptureFile, ACaptureOfPacketsThatWereCutIsOpened) {
    std::string bytes = capture(2);
    bytes.replace(24 + 12, 4, std::string("\0\x01\0\0", 4));
    EXPECT_EQ(fault(open_capture(write("cut.pcap", bytes))), "");
}

TEST_F(CaptureFile, APipeIsAnErrorAlsoWithoutAWriter) {
    ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(fault(open_capture(path("pipe"))), path("pipe") + ": is a pipe, not a capture file");
}

TEST_F(CaptureFile, AMissingCaptureIsAnError) {
    EXPECT_EQ(fault(open_capture(path("none"))),
              path("none") + ": cannot read: No such file or directory");
    EXPECT_EQ(fault(open_capture(place_)),
              place_.string() + ": is a directory, not a capture file");
}

TEST_F(CaptureFile, AnOutputThatCannotBeWrittenIsAnError) {
    EXPECT_EQ(fault(create_capture(path("none/out"), -1)),
              path("none/out") + ": cannot write: No such file or directory");
    EXPECT_NE(fault(create_capture(place_, -1)), "");
}

TEST_F(CaptureFile, TheOutputMustNotBeTheInput) {
    const Result<abi::Fd> input = open_capture(write("in.pcap", capture(1)));
    fs::create_hard_link(path("in.pcap"), path("also.pcap"));
    EXPECT_NE(fault(create_capture(path("also.pcap"), input->get())), "");
    EXPECT_EQ(fault(create_capture(path("out.pcap"), input->get())), "");
    EXPECT_EQ(fs::file_size(path("in.pcap")), capture(1).size());
}

TEST_F(CaptureFile, AnIncompleteOutputIsAnError) {
    const std::string file = write("out.pcap", capture(2));
    const Result<abi::Fd> output = create_capture(file, -1);
    EXPECT_TRUE(check_written(file, output->get(), 2, 120));
    const Result<void> checked = check_written(file, output->get(), 3, 180);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message,
              file + ": only 176 of 252 bytes could be written: is the disk full?");
}

TEST_F(CaptureFile, AnOutputThatIsNoRegularFileIsNotChecked) {
    const Result<abi::Fd> output = create_capture("/dev/null", -1);
    ASSERT_EQ(fault(output), "");
    EXPECT_TRUE(check_written("/dev/null", output->get(), 1000, 60000));
}

}  // namespace
}  // namespace vipfwd::host
