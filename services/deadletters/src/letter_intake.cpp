#include "letter_intake.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/intake/offsets.hpp>

#include <limits>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using events::v1::DeliveryResult;
namespace reason = events::reason;

/// Partitions are made for months between these; ids of others lie in the default one.
constexpr std::chrono::year_month kFirstMonth{std::chrono::year{2020}, std::chrono::January};
constexpr auto kAhead = std::chrono::days{45};

std::chrono::year_month month_of(Timestamp time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return date.year() / date.month();
}

Timestamp begin_of(std::chrono::year_month month) {
  return std::chrono::sys_days{month / std::chrono::day{1}};
}

/// As PostgreSQL can keep it.
bool is_clean(std::string_view text) { return is_utf8(text) && text.find('\0') == std::string_view::npos; }

kafka::TopicPartition partition_of(const std::vector<kafka::Message>& records) {
  return {std::string{records.front().topic}, records.front().partition};
}

}  // namespace

intake::Usable<Decision> decision_of(const DeadLetterEvent& event) {
  using intake::unusable;
  const auto letter = Uuid::parse(event.letter_id());
  if (!letter) return unusable(reason::kInvalidRequest, "letter_id is no UUID");
  Decision decision{
      .letter = *letter, .kind = event.kind(), .actor = event.actor(), .reason = event.reason()};
  if (!event.replay_id().empty()) {
    const auto replay = Uuid::parse(event.replay_id());
    if (!replay) return unusable(reason::kInvalidRequest, "replay_id is no UUID");
    decision.replay = *replay;
  }
  const auto time = events::from_proto(event.time());
  if (!event.has_time() || !time) return unusable(reason::kInvalidRequest, "time is missing");
  if (event.revision() == 0 || event.revision() > std::numeric_limits<std::int64_t>::max())
    return unusable(reason::kInvalidRequest, "revision is out of range");
  if (event.generation() > std::numeric_limits<std::int32_t>::max())
    return unusable(reason::kInvalidRequest, "generation is out of range");
  if (!is_clean(event.actor()) || !is_clean(event.reason()))
    return unusable(reason::kInvalidRequest, "a text cannot be stored");
  decision.time = *time;
  decision.revision = static_cast<std::int64_t>(event.revision());
  decision.generation = static_cast<std::int32_t>(event.generation());
  return decision;
}

std::vector<std::string> LetterIntake::sources() const {
  std::vector<std::string> topics{parts_.topics.dead_letter_event(), parts_.topics.events_dlq()};
  for (const auto channel : events::kChannels) topics.push_back(parts_.topics.dlq(channel));
  return topics;
}

std::map<std::string, intake::Take> LetterIntake::takes() {
  std::map<std::string, intake::Take> takes;
  for (const auto& topic : sources())
    takes[topic] = [this](const std::vector<kafka::Message>& records) { return take_letters(records); };
  takes[parts_.topics.dead_letter_event()] = [this](const std::vector<kafka::Message>& records) {
    return take_events(records);
  };
  takes[parts_.topics.result()] = [this](const std::vector<kafka::Message>& records) {
    return take_results(records);
  };
  return takes;
}

asio::awaitable<Result<std::vector<kafka::PartitionStart>>> LetterIntake::starts(
    std::vector<kafka::TopicPartition> partitions) {
  auto starts = co_await intake::stored_offsets(parts_.pool, std::move(partitions));
  if (!starts) co_return std::unexpected(starts.error());
  reached_.clear();
  for (const auto& start : *starts)
    reached_[start.partition] = {start.committed, start.committed.value_or(0)};
  co_return std::move(*starts);
}

asio::awaitable<Result<void>> LetterIntake::look_up(const kafka::TopicPartition& partition) {
  const auto starts = co_await intake::stored_offsets(parts_.pool, {partition});
  if (!starts) co_return std::unexpected(starts.error());
  auto& reached = reached_[partition];
  reached.stored = starts->front().committed;
  if (reached.stored.value_or(0) < reached.read) parts_.on_emptied();
  co_return Result<void>{};
}

std::int64_t LetterIntake::first_of(const kafka::TopicPartition& partition,
                                    const std::vector<kafka::Message>& records) {
  const auto& reached = reached_[partition];
  // What lies before the stored offset was taken by another, or by a commit whose answer was lost; unless the
  // topic has begun anew.
  return records.front().offset < reached.read ? 0 : reached.stored.value_or(0);
}

asio::awaitable<Result<void>> LetterIntake::commit(const kafka::TopicPartition& partition,
                                                   const std::vector<kafka::Message>& records,
                                                   Within within) {
  const auto next = records.back().offset + 1;
  const intake::OffsetMove move{.partition = partition, .from = reached_[partition].stored, .to = next};
  if (move.from && first_of(partition, records) >= next) {
    reached_[partition].read = next;
    co_return Result<void>{};
  }
  const auto done =
      co_await parts_.pool.transaction([&](postgres::Session& session) -> asio::awaitable<Result<void>> {
        if (const auto moved = co_await intake::move_offset(session, move); !moved)
          co_return std::unexpected(moved.error());
        co_return co_await within(session);
      });
  if (!done) {
    if (done.error().detail == "offset" || done.error().sent == Sent::kMaybe) {
      if (const auto found = co_await look_up(partition); !found) co_return std::unexpected(found.error());
    }
    co_return std::unexpected(done.error());
  }
  reached_[partition] = {next, next};
  if (parts_.hooks.on_stored) parts_.hooks.on_stored();
  co_return Result<void>{};
}

asio::awaitable<Result<void>> LetterIntake::make_partitions(const std::vector<Letter>& letters) {
  const auto horizon = parts_.clock.now() + kAhead;
  std::set<std::chrono::year_month> missing{month_of(parts_.clock.now()), month_of(horizon)};
  for (const auto& letter : letters) {
    if (letter.id.time() >= begin_of(kFirstMonth) && letter.id.time() < horizon)
      missing.insert(month_of(letter.id.time()));
  }
  for (const auto month : missing) {
    if (months_.contains(month)) continue;
    const auto made = co_await parts_.pool.query("SELECT make_letter_partitions($1, $1)",
                                                 postgres::Params::of(begin_of(month)));
    if (!made) co_return std::unexpected(made.error());
    months_.insert(month);
  }
  co_return Result<void>{};
}

LetterIntake::Taken LetterIntake::take_letters(const std::vector<kafka::Message>& records) {
  const auto partition = partition_of(records);
  const auto first = first_of(partition, records);
  std::vector<Letter> letters;
  letters.reserve(records.size());
  for (const auto& record : records) {
    if (record.offset >= first) letters.push_back(parts_.reader.read(record));
  }
  if (const auto made = co_await make_partitions(letters); !made) co_return std::unexpected(made.error());
  const auto done =
      co_await commit(partition, records, [&](postgres::Session& session) -> asio::awaitable<Result<void>> {
        if (const auto written = co_await write_letters(session, letters); !written)
          co_return std::unexpected(written.error());
        if (!parts_.hooks.letters) co_return Result<void>{};
        co_return co_await parts_.hooks.letters(session, letters);
      });
  if (!done) co_return std::unexpected(done.error());
  co_return std::vector<intake::DeadLetter>{};
}

LetterIntake::Taken LetterIntake::take_events(const std::vector<kafka::Message>& records) {
  const auto partition = partition_of(records);
  const auto first = first_of(partition, records);
  std::vector<Decision> decisions;
  std::vector<DeadLetterEvent> plans;
  std::vector<intake::DeadLetter> bad;
  const auto refuse = [&](const kafka::Message& record, intake::Unusable why) {
    bad.push_back(intake::letter_of(record, std::move(why), parts_.group));
  };
  for (const auto& record : records) {
    if (record.offset < first) continue;
    const auto type = events::check_headers(record.headers, events::type::kDeadLetterEvent);
    auto event = type ? events::decode<DeadLetterEvent>(record.value, *type)
                      : Result<DeadLetterEvent>{std::unexpected(type.error())};
    if (!event) {
      refuse(record, {.reason = reason::kUndecodable, .message = event.error().message, .sealed_value = {}});
    } else if (event->kind() >= DeadLetterEvent::PLAN_CHANGED) {
      plans.push_back(std::move(*event));
    } else if (auto decision = decision_of(*event)) {
      decisions.push_back(std::move(*decision));
    } else {
      refuse(record, std::move(decision.error()));
    }
  }
  if (const auto told = co_await write_unusable(std::move(bad)); !told)
    co_return std::unexpected(told.error());
  const auto done =
      co_await commit(partition, records, [&](postgres::Session& session) -> asio::awaitable<Result<void>> {
        if (const auto written = co_await write_told(session, decisions); !written)
          co_return std::unexpected(written.error());
        if (plans.empty() || !parts_.hooks.plans) co_return Result<void>{};
        co_return co_await parts_.hooks.plans(session, plans);
      });
  if (!done) co_return std::unexpected(done.error());
  co_return std::vector<intake::DeadLetter>{};
}

LetterIntake::Taken LetterIntake::take_results(const std::vector<kafka::Message>& records) {
  if (!caught_up_) co_return fail(ErrorCode::kUnavailable, "the index is still being read");
  const auto partition = partition_of(records);
  const auto first = first_of(partition, records);
  std::vector<DeliveryResult> results;
  for (const auto& record : records) {
    if (record.offset < first) continue;
    // Jobs files those that nobody can read; nothing of ours is lost with them.
    const auto type = events::check_headers(record.headers, events::type::kDeliveryResult);
    if (!type) continue;
    auto result = events::decode<DeliveryResult>(record.value, *type);
    if (result && (result->generation() > 0 || result->maybe_twice())) results.push_back(std::move(*result));
  }
  const auto done =
      co_await commit(partition, records, [&](postgres::Session& session) -> asio::awaitable<Result<void>> {
        if (results.empty() || !parts_.hooks.results) co_return Result<void>{};
        co_return co_await parts_.hooks.results(session, results);
      });
  if (!done) co_return std::unexpected(done.error());
  co_return std::vector<intake::DeadLetter>{};
}

/// Before the batch counts, so there are none left to give back.
asio::awaitable<Result<void>> LetterIntake::write_unusable(std::vector<intake::DeadLetter> letters) {
  if (letters.empty() || co_await parts_.letters.write(std::move(letters))) co_return Result<void>{};
  co_return fail(ErrorCode::kCancelled, "stopping before the dead letters were written");
}

}  // namespace bongsu::deadletters
