// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

// Independent streams of address_hash.
enum Purpose : std::uint64_t { kOffset = 0x10001, kSkip = 0x10002, kTie = 0x10003 };

struct Candidate {
    RingMember member;
    std::uint32_t quota = 0;   // slots it is to get
    std::uint32_t offset = 0;  // the slot it prefers to all others
    std::uint32_t skip = 0;    // from one preferred slot to the next
};

// Each member's share of the slots: rounded down, then the slots left over one each to the largest
// fractions (Hamilton's method), so that nobody is a whole slot away from the exact share.
void assign_quotas(std::vector<Candidate>& candidates, const abi::HashKey& key,
                   std::uint64_t slots) {
    const std::uint64_t weights = std::accumulate(
        candidates.begin(), candidates.end(), std::uint64_t{0},
        [](std::uint64_t sum, const Candidate& c) { return sum + c.member.weight; });
    struct Fraction {
        std::uint64_t remainder;
        std::uint64_t tie;
        std::size_t candidate;
    };
    std::vector<Fraction> fractions;
    fractions.reserve(candidates.size());
    std::uint64_t left = slots;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::uint64_t share = slots * candidates[i].member.weight;
        candidates[i].quota = static_cast<std::uint32_t>(share / weights);
        left -= candidates[i].quota;
        const std::uint64_t tie = abi::address_hash(candidates[i].member.address, kTie, key);
        fractions.push_back({share % weights, tie, i});
    }
    const auto larger = [](const Fraction& a, const Fraction& b) {
        return a.remainder != b.remainder ? a.remainder > b.remainder : a.tie > b.tie;
    };
    std::nth_element(fractions.begin(), fractions.begin() + static_cast<std::ptrdiff_t>(left),
                     fractions.end(), larger);
    for (std::uint64_t i = 0; i < left; ++i)
        ++candidates[fractions[i].candidate].quota;
}

// Kept from one ring to the next: for the kernel to give fresh pages takes as long as the ring.
struct Scratch {
    std::vector<std::uint32_t> with_quota;  // how many, by quota
    std::vector<std::uint32_t> place;       // of the next turn, by moment
    std::vector<std::uint16_t> turns;       // indices of candidates, of which there are below 2^16
};

// When the turns of who has `quota` of them are due, among as many moments as there are slots: the
// k-th at (k + 1/2) / quota of the way.
template <typename Take>
void for_each_moment(std::uint32_t quota, std::uint32_t slots, Take take) {
    if (quota == 0)
        return;
    const std::uint64_t half_step = (std::uint64_t{slots} << 31) / quota;
    for (std::uint64_t k = 0; k < quota; ++k)
        take(static_cast<std::uint32_t>(half_step * (2 * k + 1) >> 32));
}

// Who takes a slot when: weights are spread evenly from the first slot to the last. A counting sort
// by moment; those with the same quota, nearly all in most rings, are counted together.
std::span<const std::uint16_t> order_turns(const std::vector<Candidate>& candidates,
                                           std::uint32_t slots, Scratch& scratch) {
    std::vector<std::uint32_t>& with_quota = scratch.with_quota;
    with_quota.clear();
    for (const Candidate& one : candidates) {
        with_quota.resize(std::max<std::size_t>(with_quota.size(), one.quota + 1));
        ++with_quota[one.quota];
    }
    std::vector<std::uint32_t>& place = scratch.place;
    place.assign(slots + 1, 0);
    for (std::uint32_t quota = 0; quota < with_quota.size(); ++quota) {
        if (with_quota[quota] == 0)
            continue;
        for_each_moment(quota, slots,
                        [&](std::uint32_t moment) { place[moment + 1] += with_quota[quota]; });
    }
    std::partial_sum(place.begin(), place.end(), place.begin());
    scratch.turns.resize(slots);
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
        for_each_moment(candidates[i].quota, slots, [&](std::uint32_t moment) {
            scratch.turns[place[moment]++] = static_cast<std::uint16_t>(i);
        });
    }
    return scratch.turns;
}

std::vector<Candidate> make_candidates(std::span<const RingMember> members, const abi::HashKey& key,
                                       std::uint32_t slots) {
    std::vector<Candidate> candidates;
    candidates.reserve(members.size());
    for (const RingMember& member : members) {
        const std::uint64_t offset = abi::address_hash(member.address, kOffset, key);
        const std::uint64_t skip = abi::address_hash(member.address, kSkip, key);
        candidates.push_back({member, 0, static_cast<std::uint32_t>(offset % slots),
                              static_cast<std::uint32_t>(skip % (slots - 1) + 1)});
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.member.address < b.member.address;
    });
    return candidates;
}

// The last slots, to find which by trying takes almost half of all tries.
constexpr std::size_t kFewSlots = 128;

// Slots as fractions of the ring, in 2^-64: to go round it takes an addition that wraps by itself.
// A fraction is off by less than 2^-64 for each slot gone by, and no candidate goes round more
// often than there are slots, so that with fewer than 2^20 slots it never gets to the next one.
class Circle {
  public:
    explicit Circle(std::uint32_t slots) : slots_(slots), unit_(~std::uint64_t{0} / slots + 1) {}

    std::uint64_t fraction(std::uint32_t slots) const { return slots * unit_; }
    std::uint32_t slot(std::uint64_t fraction) const {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint32_t>(static_cast<Wide>(fraction) * slots_ >> 64);
    }

    // How often a skip of so many slots goes on by one (Fermat's little theorem): from a slot to
    // one `d` further on it is d * inverse(skip) skips, and as fractions these have the same order.
    std::uint32_t inverse(std::uint32_t skip) const {
        std::uint64_t result = 1;
        std::uint64_t power = skip;
        for (std::uint32_t bits = slots_ - 2; bits != 0; bits >>= 1) {
            if ((bits & 1) != 0)
                result = result * power % slots_;
            power = power * power % slots_;
        }
        return static_cast<std::uint32_t>(result);
    }

  private:
    std::uint32_t slots_;
    std::uint64_t unit_;
};

// Which slots are free, a byte for each: fewer bytes to look at than the slots themselves, and
// fewer instructions than bits.
class FreeSlots {
  public:
    explicit FreeSlots(std::uint32_t slots) : free_(slots, 1) {}

    // 1 or 0.
    std::uint32_t at(std::uint32_t slot) const { return free_[slot]; }
    void take(std::uint32_t slot) { free_[slot] = 0; }

    // Of few: memchr() passes by the others many at once.
    std::vector<std::uint32_t> list() const {
        std::vector<std::uint32_t> slots;
        const std::uint8_t* const start = free_.data();
        std::size_t from = 0;
        while (const void* next = std::memchr(start + from, 1, free_.size() - from)) {
            const auto slot =
                static_cast<std::size_t>(static_cast<const std::uint8_t*>(next) - start);
            slots.push_back(static_cast<std::uint32_t>(slot));
            from = slot + 1;
        }
        return slots;
    }

  private:
    std::vector<std::uint8_t> free_;
};

// Gives candidates the slots they prefer among those that are left.
class Filling {
  public:
    Filling(const std::vector<Candidate>& candidates, std::span<std::uint16_t> slots)
        : circle_(static_cast<std::uint32_t>(slots.size())),
          slots_(slots),
          free_(static_cast<std::uint32_t>(slots.size())) {
        walks_.reserve(candidates.size());
        for (const Candidate& one : candidates) {
            walks_.push_back({.at = circle_.fraction(one.offset),
                              .skip = circle_.fraction(one.skip),
                              .one_slot = 0,
                              .index = one.member.index});
        }
    }

    // Looks at `kAtOnce` slots together: a processor does that faster than it finds out that it
    // guessed wrong how many there are to look at. The fewer slots are free, the more it takes.
    template <std::uint32_t kAtOnce>
    void take(std::uint16_t candidate) {
        Walk& walk = walks_[candidate];
        std::uint64_t at = walk.at;
        const auto free_of_next = [&] {
            return free_of(at, walk.skip, std::make_integer_sequence<std::uint32_t, kAtOnce>());
        };
        std::uint32_t free = free_of_next();
        for (; free == 0; free = free_of_next())
            at += kAtOnce * walk.skip;
        at += static_cast<std::uint32_t>(std::countl_zero(free)) * walk.skip;
        give(circle_.slot(at), walk);
        walk.at = at + walk.skip;
    }

    // To be called when few slots are left, before the first take_of_few().
    void list_free() { few_ = free_.list(); }

    // The same as take(), in time that goes with the number of slots that are left: which of them
    // is fewest skips away?
    void take_of_few(std::uint16_t candidate) {
        Walk& walk = walks_[candidate];
        if (walk.one_slot == 0)
            walk.one_slot = circle_.fraction(circle_.inverse(circle_.slot(walk.skip)));
        const std::uint32_t here = circle_.slot(walk.at);
        const auto skips_to = [&](std::uint32_t slot) {
            return (std::uint64_t{slot} - here) * walk.one_slot;
        };
        std::size_t nearest = 0;
        std::uint64_t least = skips_to(few_[0]);
        for (std::size_t i = 1; i < few_.size(); ++i) {
            const std::uint64_t skips = skips_to(few_[i]);
            nearest = skips < least ? i : nearest;
            least = std::min(skips, least);
        }
        give(few_[nearest], walk);
        walk.at = circle_.fraction(few_[nearest]) + walk.skip;
        few_[nearest] = few_.back();
        few_.pop_back();
    }

  private:
    // Round the ring, from one preferred slot to the next.
    struct Walk {
        std::uint64_t at = 0;
        std::uint64_t skip = 0;
        std::uint64_t one_slot = 0;  // how often to skip to get one slot further; 0: not known yet
        std::uint16_t index = 0;
    };

    // Which of the next slots are free, as bits from the highest down.
    template <std::uint32_t... kNext>
    std::uint32_t free_of(std::uint64_t at, std::uint64_t skip,
                          std::integer_sequence<std::uint32_t, kNext...>) const {
        std::uint32_t free = 0;
        ((free = 2 * free + free_.at(circle_.slot(at + kNext * skip))), ...);
        return free << (32 - sizeof...(kNext));
    }
    void give(std::uint32_t slot, const Walk& to) {
        slots_[slot] = to.index;
        free_.take(slot);
    }

    Circle circle_;
    std::span<std::uint16_t> slots_;
    FreeSlots free_;
    std::vector<Walk> walks_;
    std::vector<std::uint32_t> few_;  // slots that are free, when few are
};

}  // namespace

void build_ring(std::span<const RingMember> members, const abi::HashKey& key,
                std::span<std::uint16_t> slots) {
    if (members.empty()) {
        std::fill(slots.begin(), slots.end(), abi::kNoBackend);
        return;
    }
    const auto slot_count = static_cast<std::uint32_t>(slots.size());
    std::vector<Candidate> candidates = make_candidates(members, key, slot_count);
    assign_quotas(candidates, key, slot_count);
    Filling filling(candidates, slots);
    thread_local Scratch scratch;
    std::span turns = order_turns(candidates, slot_count, scratch);
    const auto take_turns = [&](std::size_t left, auto take) {
        const std::size_t count = turns.size() - std::min(left, turns.size());
        for (const std::uint16_t turn : turns.first(count))
            take(turn);
        turns = turns.subspan(count);
    };
    take_turns(slot_count / 4 * 3, [&](std::uint16_t turn) { filling.take<2>(turn); });
    take_turns(slot_count / 10 * 3, [&](std::uint16_t turn) { filling.take<4>(turn); });
    take_turns(kFewSlots, [&](std::uint16_t turn) { filling.take<8>(turn); });
    filling.list_free();
    take_turns(0, [&](std::uint16_t turn) { filling.take_of_few(turn); });
}

}  // namespace vipfwd::table
