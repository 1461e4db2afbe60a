// SPDX-License-Identifier: Apache-2.0
// The bytes of one frame, in an mbuf or in an array of a test. Only rewrite changes the bytes and
// length of a Frame, and path/split.h those of the fragments that it makes.
#pragma once

#include <cstdint>
#include <span>

namespace vipfwd::packet {

class Frame {
  public:
    Frame() = default;
    // `head` points at the Ethernet header. The first `contiguous` of `length` bytes are there, and
    // `headroom` bytes before them can be written.
    Frame(std::uint8_t* head, std::uint32_t contiguous, std::uint32_t length,
          std::uint32_t headroom, std::uint8_t port)
        : head_(head), contiguous_(contiguous), length_(length), headroom_(headroom), port_(port) {}

    // The bytes that can be read: all, or those in the first buffer of a chain.
    std::span<const std::uint8_t> bytes() const { return {head_, contiguous_}; }
    std::uint32_t length() const { return length_; }
    std::uint32_t headroom() const { return headroom_; }
    std::uint8_t port() const { return port_; }  // that received the frame

    std::uint8_t* mutable_bytes() { return head_; }

    // Extends the frame at its front. Requires bytes <= headroom(). Returns its new first byte.
    std::uint8_t* prepend(std::uint32_t bytes) {
        head_ -= bytes;
        headroom_ -= bytes;
        contiguous_ += bytes;
        length_ += bytes;
        return head_;
    }

    // Removes bytes at the front. Requires bytes <= bytes().size(). Returns the new first byte.
    std::uint8_t* drop_front(std::uint32_t bytes) {
        head_ += bytes;
        headroom_ += bytes;
        contiguous_ -= bytes;
        length_ -= bytes;
        return head_;
    }

    // Removes what follows the first `length` bytes. Requires length <= length().
    void truncate(std::uint32_t length) {
        length_ = length;
        contiguous_ = contiguous_ < length ? contiguous_ : length;
    }

  private:
    std::uint8_t* head_ = nullptr;
    std::uint32_t contiguous_ = 0;
    std::uint32_t length_ = 0;
    std::uint32_t headroom_ = 0;
    std::uint8_t port_ = 0;
};

}  // namespace vipfwd::packet
