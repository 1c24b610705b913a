#include <bongsu/resilience/limiter.hpp>

#include <algorithm>
#include <cmath>

namespace bongsu::resilience {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kWindow = 60s;
/// Who did not get all asks again after this at the earliest: many tokens travel in one lease.
constexpr milliseconds kPace = 20ms;
/// A lease shorter than this is over before it can be used.
constexpr milliseconds kShortestLease = 50ms;
/// The database's time is cut to milliseconds: a grant may be this much later than it says.
constexpr milliseconds kTick = 1ms;
/// Rounding of levels: a millionth of a token.
constexpr double kEpsilon = 1e-6;

/// What may be granted now.
struct Room {
  std::uint32_t all = 0;
  std::uint32_t bulk = 0;  ///< of `all`
  milliseconds valid_for{0};
};

/// A token granted at g is read by the provider between g and g + valid_for + transit. So the provider sees
/// in any t what was granted in some t + valid_for + transit, and the bucket kept here is smaller than the
/// burst by what that time is worth. Of the room that the burst leaves, half is the lease; the other half
/// keeps a late asker from losing tokens.
struct Bucket {
  double capacity;
  double per_ms;
  double bulk_capacity;
  double bulk_per_ms;
  milliseconds valid_for;
};

Bucket bucket_of(const LimitPolicy& policy) {
  double per_ms = std::max(1U, policy.per_minute) / 60'000.0;
  const double burst = std::max(1.0, policy.burst > 0 ? policy.burst : per_ms * 1000);
  const auto room = milliseconds{static_cast<std::int64_t>((burst - 1) / per_ms)} - policy.transit;
  const auto valid_for = std::min(policy.slice, std::max(kShortestLease, room / 2));
  const double spread = per_ms * static_cast<double>((valid_for + policy.transit + kTick).count());
  const double capacity = std::max(1.0, burst - spread);
  // A burst too small for that is kept by single tokens further apart. Of two neighbours the first may be
  // used as late, the second as early as can be; no longer row is worse.
  if (burst - spread < 1) per_ms /= 2 - burst + spread;
  const double bulk = 1 - policy.reserve;
  return {.capacity = capacity,
          .per_ms = per_ms,
          .bulk_capacity = std::max(1.0, capacity * bulk),
          .bulk_per_ms = per_ms * bulk,
          .valid_for = valid_for};
}

std::uint32_t whole(double tokens) {
  return static_cast<std::uint32_t>(std::clamp(tokens + kEpsilon, 0.0, 4e9));
}

void fill(const Bucket& bucket, LimitState& state, Timestamp now) {
  const auto passed = static_cast<double>((now - state.at).count());
  state.level = std::min(bucket.capacity, state.level + passed * bucket.per_ms);
  state.bulk_level = std::min(bucket.bulk_capacity, state.bulk_level + passed * bucket.bulk_per_ms);
  state.at = now;
}

milliseconds time_to_one(double level, double per_ms) {
  return milliseconds{static_cast<std::int64_t>(std::ceil(std::max(0.0, 1 - level) / per_ms))};
}

/// A window's room, less what the cells that `counts` tells of have used.
template <class Counts>
Room room_of_window(const LimitPolicy& policy, const LimitState& state, milliseconds valid_for,
                    Counts counts) {
  const auto bulk_limit = static_cast<std::uint32_t>(policy.per_minute * (1 - policy.reserve) + kEpsilon);
  Room room{.all = policy.per_minute, .bulk = std::max(1U, bulk_limit), .valid_for = valid_for};
  for (const auto& cell : state.cells) {
    if (!counts(cell)) continue;
    room.all -= std::min(room.all, cell.all);
    room.bulk -= std::min(room.bulk, cell.bulk);
  }
  return room;
}

Room room_of_minute(const LimitPolicy& policy, const LimitState& state, Timestamp now) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  const milliseconds until_end = minute + kWindow - policy.guard - policy.transit - kTick - now;
  if (now < minute + policy.guard || until_end < kShortestLease) return {};
  return room_of_window(policy, state, std::min(policy.slice, until_end),
                        [&](const auto& cell) { return cell.at >= minute; });
}

/// When what was granted at `at` is out of every 60 s in which the provider may see what is granted then.
Timestamp leaves(const LimitPolicy& policy, Timestamp at) {
  return at + kWindow + policy.slice + policy.transit + kTick;
}

Room room_now(const LimitPolicy& policy, const LimitState& state, Timestamp now) {
  switch (policy.strategy) {
    case LimitStrategy::kTokenBucket:
      return {.all = whole(state.level),
              .bulk = whole(state.bulk_level),
              .valid_for = bucket_of(policy).valid_for};
    case LimitStrategy::kFixedWindow:
      return room_of_minute(policy, state, now);
    case LimitStrategy::kSlidingWindow:
      return room_of_window(policy, state, policy.slice,
                            [&](const auto& cell) { return leaves(policy, cell.at) > now; });
  }
  return {};
}

milliseconds until_minute_opens(const LimitPolicy& policy, Timestamp now) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  const auto opens = minute + policy.guard;
  return (now < opens ? opens : opens + kWindow) - now;
}

/// `tokens` tells how many of a cell count.
template <class Tokens>
milliseconds until_a_cell_leaves(const LimitPolicy& policy, const LimitState& state, Timestamp now,
                                 Tokens tokens) {
  for (const auto& cell : state.cells) {
    if (tokens(cell) > 0 && leaves(policy, cell.at) > now) return leaves(policy, cell.at) - now;
  }
  return milliseconds{0};
}

/// When a lane that has just emptied its room may have a token again.
milliseconds until_next(const LimitPolicy& policy, const LimitState& state, Timestamp now, const Room& left,
                        bool bulk) {
  const bool all_gone = left.all == 0;
  const bool bulk_gone = bulk && left.bulk == 0;
  const auto bucket = bucket_of(policy);
  switch (policy.strategy) {
    case LimitStrategy::kTokenBucket:
      return std::max(time_to_one(state.level, bucket.per_ms),
                      bulk ? time_to_one(state.bulk_level, bucket.bulk_per_ms) : 0ms);
    case LimitStrategy::kFixedWindow:
      return until_minute_opens(policy, now);
    case LimitStrategy::kSlidingWindow: {
      const auto all = until_a_cell_leaves(policy, state, now, [](const auto& cell) { return cell.all; });
      const auto own = until_a_cell_leaves(policy, state, now, [](const auto& cell) { return cell.bulk; });
      return std::max(all_gone ? all : 0ms, bulk_gone ? own : 0ms);
    }
  }
  return kPace;
}

/// In whole cells that lie in one minute each; only a sliding window needs to know more finely.
void note(const LimitPolicy& policy, LimitState& state, Timestamp now, const TokensGranted& granted) {
  const auto all = granted.transactional + granted.bulk;
  if (all == 0) return;
  const milliseconds width = policy.strategy == LimitStrategy::kSlidingWindow ? 200ms : 1000ms;
  const auto place = [&](Timestamp time) { return time.time_since_epoch() / width; };
  if (state.cells.empty() || place(state.cells.back().at) != place(now)) state.cells.push_back({.at = now});
  auto& cell = state.cells.back();
  cell.at = now;
  cell.all += all;
  cell.bulk += granted.bulk;
  state.level = std::max(0.0, state.level - all);
  state.bulk_level = std::max(0.0, state.bulk_level - granted.bulk);
}

}  // namespace

TokensGranted grant(const LimitPolicy& policy, LimitState& state, Timestamp now, const TokensWanted& wanted) {
  if (state.at - now > 2 * kWindow)
    state = {.at = now, .cells = {{now, policy.per_minute, policy.per_minute}}};
  if (now < state.at) return {.ask_again = state.at - now, .at = now};

  fill(bucket_of(policy), state, now);
  std::erase_if(state.cells, [&](const auto& cell) { return leaves(policy, cell.at) <= now; });

  auto room = room_now(policy, state, now);
  TokensGranted granted{.valid_for = room.valid_for, .at = now};
  granted.transactional = std::min(wanted.transactional, room.all);
  room.all -= granted.transactional;
  granted.bulk = std::min({wanted.bulk, room.bulk, room.all});
  room.all -= granted.bulk;
  room.bulk -= granted.bulk;
  note(policy, state, now, granted);

  const bool transactional_waits = granted.transactional < wanted.transactional;
  const bool bulk_waits = granted.bulk < wanted.bulk;
  if (transactional_waits || bulk_waits)
    granted.ask_again = std::max(kPace, until_next(policy, state, now, room, !transactional_waits));
  return granted;
}

void hand_back(LimitState& state, Timestamp granted_at, const TokensWanted& unused) {
  const auto cell = std::ranges::find_if(state.cells, [&](const auto& c) { return c.at >= granted_at; });
  if (cell == state.cells.end()) return;
  cell->all -= std::min(cell->all, unused.transactional + unused.bulk);
  cell->bulk -= std::min(cell->bulk, unused.bulk);
}

}  // namespace bongsu::resilience
