#include "planner.hpp"

#include <bongsu/core/log.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

constexpr std::int32_t kChunk = 2'000;

std::vector<std::int16_t> channels() {
  using events::Channel;
  return {static_cast<std::int16_t>(Channel::kEmail), static_cast<std::int16_t>(Channel::kCoupon),
          static_cast<std::int16_t>(Channel::kKakao), static_cast<std::int16_t>(Channel::kSms)};
}

bool younger(const LetterRow& a, const LetterRow& b) {
  return std::tie(a.letter.died_at, a.letter.id) > std::tie(b.letter.died_at, b.letter.id);
}

}  // namespace

asio::awaitable<Result<void>> Planner::add(Draft& draft, const std::vector<LetterRow>& rows) {
  const auto first = draft.count.total();
  std::vector<Uuid> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) {
    if (!draft.count.add(row)) continue;
    ids.push_back(row.letter.id);
    draft.digest.add(row.letter.id);
  }
  if (ids.empty()) co_return Result<void>{};
  co_return co_await parts_.replays.add_letters(draft.replay.id, first, std::move(ids), parts_.clock.now());
}

asio::awaitable<rpc::Answer<void>> Planner::freeze(Draft& draft, const Asked& asked) {
  if (!asked.query) {
    auto rows = co_await parts_.letters.find(asked.letters);
    if (!rows) co_return std::unexpected<rpc::Failure>(rows.error());
    if (rows->size() < asked.letters.size())
      co_return rpc::refuse(ErrorCode::kNotFound, "letter_not_found",
                            "one of the named letters is not known; look at the list again");
    std::ranges::sort(*rows, younger);
    if (const auto added = co_await add(draft, *rows); !added)
      co_return std::unexpected<rpc::Failure>(added.error());
    co_return rpc::Answer<void>{};
  }
  auto query = *asked.query;
  query.states = {static_cast<std::int16_t>(v1::DeadLetter::OPEN)};
  if (query.channels.empty()) query.channels = channels();
  std::optional<Place> after;
  for (;;) {
    const auto rows = co_await parts_.letters.list(query, after, kChunk);
    if (!rows) co_return std::unexpected<rpc::Failure>(rows.error());
    if (const auto added = co_await add(draft, *rows); !added)
      co_return std::unexpected<rpc::Failure>(added.error());
    if (rows->size() < static_cast<std::size_t>(kChunk)) co_return rpc::Answer<void>{};
    after = Place{.died_at = rows->back().letter.died_at, .id = rows->back().letter.id};
  }
}

asio::awaitable<rpc::Answer<Replay>> Planner::plan(Asked asked) {
  const auto now = parts_.clock.now();
  Draft draft{.replay = {.id = Uuid::v7(now, parts_.random),
                         .revision = 1,
                         .state = v1::Replay::PLANNED,
                         .filter = asked.filter,
                         .created_at = now,
                         .expires_at = now + parts_.settings.valid,
                         .created_by = asked.by},
              .count = PlanCount{now - parts_.settings.oldest, parts_.is_cancelled},
              .digest = {}};
  if (const auto begun = co_await parts_.replays.begin_plan(draft.replay); !begun)
    co_return std::unexpected<rpc::Failure>(begun.error());
  auto frozen = co_await freeze(draft, asked);
  if (frozen && draft.count.total() == 0) {
    frozen = rpc::refuse(ErrorCode::kConflict, "nothing_matches",
                         "no open letter matches; ask for the list to see what there is, and in which state");
  }
  if (!frozen) {
    // What stays of it, should that fail as well, is dropped after an hour.
    if (const auto dropped = co_await parts_.replays.drop_plan(draft.replay.id); !dropped)
      log::warning("replay.plan_not_dropped", {{"id", draft.replay.id}, {"why", dropped.error().message}});
    co_return std::unexpected(std::move(frozen.error()));
  }
  // The expiry counts from when it can be executed.
  const auto done = parts_.clock.now();
  auto& replay = draft.replay;
  replay.expires_at = done + parts_.settings.valid;
  replay.digest = draft.digest.bytes();
  replay.counts = draft.count.reasons();
  replay.warnings = draft.count.warnings();
  replay.progress.waiting = draft.count.total();
  if (const auto finished = co_await parts_.replays.finish_plan(replay, done); !finished)
    co_return std::unexpected<rpc::Failure>(finished.error());
  log::info("replay.planned",
            {{"id", replay.id}, {"letters", draft.count.total()}, {"by", replay.created_by}});
  co_return std::move(replay);
}

}  // namespace bongsu::deadletters
