// SPDX-License-Identifier: Apache-2.0
// One frame's bytes, wherever they live: an mbuf, a test's array. Only rewrite changes a Frame.
#pragma once

#include <cstdint>
#include <span>

namespace vipfwd::packet {

class Frame {
  public:
    Frame() = default;
    // `head` points at the Ethernet header. The first `contiguous` of `length` bytes can be read
    // there, and `headroom` bytes before it can be written.
    Frame(std::uint8_t* head, std::uint32_t contiguous, std::uint32_t length,
          std::uint32_t headroom, std::uint8_t port)
        : head_(head), contiguous_(contiguous), length_(length), headroom_(headroom), port_(port) {}

    // The bytes that can be read: all, or for a frame in several buffers the first of them.
    std::span<const std::uint8_t> bytes() const { return {head_, contiguous_}; }
    std::uint32_t length() const { return length_; }
    std::uint32_t headroom() const { return headroom_; }
    std::uint8_t port() const { return port_; }  // where it came in

    std::uint8_t* mutable_bytes() { return head_; }

    // Puts `bytes` in front. Requires bytes <= headroom(). Returns the new first byte.
    std::uint8_t* prepend(std::uint32_t bytes) {
        head_ -= bytes;
        headroom_ -= bytes;
        contiguous_ += bytes;
        length_ += bytes;
        return head_;
    }

    // Takes the first `bytes` off. Requires bytes <= bytes().size(). Returns the new first byte.
    std::uint8_t* drop_front(std::uint32_t bytes) {
        head_ += bytes;
        headroom_ += bytes;
        contiguous_ -= bytes;
        length_ -= bytes;
        return head_;
    }

    // Cuts what follows the first `length` bytes. Requires length <= length().
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
