#include "intake_store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace bongsu::deadletters {
namespace {

using postgres::Params;
using postgres::Session;

/// The columns of many letters, as one statement takes them.
struct Columns {
  std::vector<Uuid> ids;
  std::vector<std::optional<Uuid>> notifications;
  std::vector<std::int16_t> channels;
  std::vector<std::string> reasons;
  std::vector<std::string> codes;
  std::vector<std::string> messages;
  std::vector<std::optional<Timestamp>> first_failed;
  std::vector<Timestamp> died;
  std::vector<std::int32_t> attempts;
  std::vector<std::int32_t> tries;
  std::vector<std::int32_t> generations;
  std::vector<std::optional<Uuid>> jobs;
  std::vector<std::optional<Uuid>> hashes;
  std::vector<std::string> recipients;
  std::vector<std::optional<Uuid>> previous;
  std::vector<std::string> topics;
  std::vector<std::int32_t> partitions;
  std::vector<std::int64_t> offsets;
  std::vector<std::int32_t> sizes;
  std::vector<std::string> origin_topics;
  std::vector<std::int32_t> origin_partitions;
  std::vector<std::int64_t> origin_offsets;
  std::vector<std::string> origin_groups;

  void add(Letter letter) {
    ids.push_back(letter.id);
    notifications.push_back(letter.notification_id);
    channels.push_back(letter.channel ? static_cast<std::int16_t>(events::to_proto(*letter.channel))
                                      : std::int16_t{0});
    reasons.push_back(std::move(letter.reason));
    codes.push_back(std::move(letter.provider_code));
    messages.push_back(std::move(letter.message));
    first_failed.push_back(letter.first_failed_at);
    died.push_back(letter.died_at);
    attempts.push_back(letter.attempts);
    tries.push_back(letter.tries);
    generations.push_back(letter.generation);
    jobs.push_back(letter.job);
    hashes.push_back(letter.recipient_hash);
    recipients.push_back(std::move(letter.recipient));
    previous.push_back(letter.previous);
    topics.push_back(std::move(letter.topic));
    partitions.push_back(letter.partition);
    offsets.push_back(letter.offset);
    sizes.push_back(letter.size);
    origin_topics.push_back(std::move(letter.origin_topic));
    origin_partitions.push_back(letter.origin_partition);
    origin_offsets.push_back(letter.origin_offset);
    origin_groups.push_back(std::move(letter.origin_group));
  }

  Params params() const {
    return Params::of(ids, notifications, channels, reasons, codes, messages, first_failed, died, attempts,
                      tries, generations, jobs, hashes, recipients, previous, topics, partitions, offsets,
                      sizes, origin_topics, origin_partitions, origin_offsets, origin_groups);
  }
};

const std::string kFacts =
    "notification_id, channel, reason, provider_code, message, first_failed_at, died_at, attempts, tries, "
    "generation, job_id, recipient_hash, recipient, previous, topic, partition, \"offset\", size, "
    "origin_topic, "
    "origin_partition, origin_offset, origin_group";

asio::awaitable<Result<void>> write_rows(Session& session, const Columns& columns) {
  static const std::string sql =
      "INSERT INTO letter (id, " + kFacts +
      ") SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], "
      "$7::timestamptz[], $8::timestamptz[], $9::int[], $10::int[], $11::int[], $12::uuid[], $13::uuid[], "
      "$14::text[], $15::uuid[], $16::text[], $17::int[], $18::bigint[], $19::int[], $20::text[], "
      "$21::int[], "
      "$22::bigint[], $23::text[]) ON CONFLICT (id) DO UPDATE SET (" +
      kFacts +
      ") = ROW (excluded.notification_id, excluded.channel, excluded.reason, excluded.provider_code, "
      "excluded.message, excluded.first_failed_at, excluded.died_at, excluded.attempts, excluded.tries, "
      "excluded.generation, excluded.job_id, excluded.recipient_hash, excluded.recipient, excluded.previous, "
      "excluded.topic, excluded.partition, excluded.\"offset\", excluded.size, excluded.origin_topic, "
      "excluded.origin_partition, excluded.origin_offset, excluded.origin_group) "
      // The same letter from two partitions: the same one stays, whichever is read first.
      "WHERE letter.died_at IS NULL OR (excluded.topic, excluded.partition, excluded.\"offset\") < "
      "(letter.topic, letter.partition, letter.\"offset\")";
  const auto written = co_await session.query(sql, columns.params());
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> write_kinds(Session& session, const Columns& columns) {
  const auto written = co_await session.query(
      "INSERT INTO letter_kind (channel, reason, provider_code) "
      "SELECT DISTINCT * FROM unnest($1::smallint[], $2::text[], $3::text[]) AS told(channel, reason, code) "
      "WHERE NOT EXISTS (SELECT FROM letter_kind AS known WHERE known.channel = told.channel "
      "AND known.reason = told.reason AND known.provider_code = told.code) "
      "ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
      Params::of(columns.channels, columns.reasons, columns.codes));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> write_history(Session& session, const std::vector<Decision>& decisions) {
  std::vector<Uuid> letters;
  std::vector<std::int64_t> revisions;
  std::vector<std::int16_t> kinds;
  std::vector<std::optional<Uuid>> replays;
  std::vector<std::int32_t> generations;
  std::vector<std::string> actors;
  std::vector<std::string> reasons;
  std::vector<Timestamp> times;
  for (const auto& decision : decisions) {
    letters.push_back(decision.letter);
    revisions.push_back(decision.revision);
    kinds.push_back(static_cast<std::int16_t>(decision.kind));
    replays.push_back(decision.replay);
    generations.push_back(decision.generation);
    actors.push_back(decision.actor);
    reasons.push_back(decision.reason);
    times.push_back(decision.time);
  }
  const auto written = co_await session.query(
      "INSERT INTO decision (letter_id, revision, kind, replay_id, generation, actor, reason, time) "
      "SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::int[], $6::text[], "
      "$7::text[], $8::timestamptz[]) ON CONFLICT DO NOTHING",
      Params::of(letters, revisions, kinds, replays, generations, actors, reasons, times));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

/// What the decisions make of each letter: the greatest revision, and the last replay that is named.
asio::awaitable<Result<void>> write_states(Session& session, const std::vector<Decision>& sorted) {
  std::map<Uuid, std::pair<const Decision*, std::optional<Uuid>>> last;
  for (const auto& decision : sorted) {
    auto& [told, replay] = last[decision.letter];
    told = &decision;
    if (decision.replay) replay = decision.replay;
  }
  std::vector<Uuid> letters;
  std::vector<std::int16_t> states;
  std::vector<std::int64_t> revisions;
  std::vector<std::optional<Uuid>> replays;
  std::vector<Timestamp> times;
  for (const auto& [letter, one] : last) {
    letters.push_back(letter);
    states.push_back(static_cast<std::int16_t>(state_after(one.first->kind)));
    revisions.push_back(one.first->revision);
    replays.push_back(one.second);
    times.push_back(one.first->time);
  }
  const auto written = co_await session.query(
      "INSERT INTO letter (id, state, revision, replay_id, decided_at) "
      "SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::uuid[], $5::timestamptz[]) "
      "ON CONFLICT (id) DO UPDATE SET state = excluded.state, revision = excluded.revision, "
      "replay_id = coalesce(excluded.replay_id, letter.replay_id), decided_at = excluded.decided_at "
      "WHERE letter.revision < excluded.revision",
      Params::of(letters, states, revisions, replays, times));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

}  // namespace

asio::awaitable<Result<void>> write_letters(Session& session, std::vector<Letter> letters) {
  if (letters.empty()) co_return Result<void>{};
  // Rows are locked in one order by all writers.
  const auto place = [](const Letter& letter) {
    return std::tie(letter.id, letter.topic, letter.partition, letter.offset);
  };
  std::ranges::sort(letters, {}, place);
  const auto again = std::ranges::unique(letters, {}, &Letter::id);
  letters.erase(again.begin(), again.end());
  Columns columns;
  for (auto& letter : letters) columns.add(std::move(letter));
  if (const auto done = co_await write_rows(session, columns); !done) co_return std::unexpected(done.error());
  co_return co_await write_kinds(session, columns);
}

asio::awaitable<Result<void>> write_told(Session& session, std::vector<Decision> decisions) {
  if (decisions.empty()) co_return Result<void>{};
  const auto order = [](const Decision& decision) { return std::tie(decision.letter, decision.revision); };
  std::ranges::sort(decisions, {}, order);
  if (const auto done = co_await write_history(session, decisions); !done)
    co_return std::unexpected(done.error());
  co_return co_await write_states(session, decisions);
}

}  // namespace bongsu::deadletters
