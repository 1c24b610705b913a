#include "letter_store.hpp"

#include "letter_query.hpp"

#include <bongsu/events/ids.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using postgres::Params;
using postgres::Rows;

/// Sums go over all that is asked for.
constexpr auto kLongest = 20s;
/// How many deaths of one undecodable record are followed.
constexpr int kChain = 20;

const std::string kColumns =
    "id, notification_id, channel, reason, provider_code, message, first_failed_at, died_at, attempts, "
    "tries, "
    "generation, job_id, recipient_hash, recipient, previous, topic, partition, \"offset\", size, "
    "origin_topic, "
    "origin_partition, origin_offset, origin_group, state, revision, replay_id, replays ";

Letter letter_at(const Rows& rows, std::size_t row) {
  Letter letter{.id = rows.get<Uuid>(row, 0),
                .notification_id = rows.get<std::optional<Uuid>>(row, 1),
                .reason = rows.get<std::string>(row, 3),
                .provider_code = rows.get<std::string>(row, 4),
                .message = rows.get<std::string>(row, 5),
                .first_failed_at = rows.get<std::optional<Timestamp>>(row, 6),
                .died_at = rows.get<Timestamp>(row, 7),
                .attempts = rows.get<std::int32_t>(row, 8),
                .tries = rows.get<std::int32_t>(row, 9),
                .generation = rows.get<std::int32_t>(row, 10),
                .job = rows.get<std::optional<Uuid>>(row, 11),
                .recipient_hash = rows.get<std::optional<Uuid>>(row, 12),
                .recipient = rows.get<std::string>(row, 13),
                .previous = rows.get<std::optional<Uuid>>(row, 14),
                .topic = rows.get<std::string>(row, 15),
                .partition = rows.get<std::int32_t>(row, 16),
                .offset = rows.get<std::int64_t>(row, 17),
                .size = rows.get<std::int32_t>(row, 18),
                .origin_topic = rows.get<std::string>(row, 19),
                .origin_partition = rows.get<std::int32_t>(row, 20),
                .origin_offset = rows.get<std::int64_t>(row, 21),
                .origin_group = rows.get<std::string>(row, 22)};
  const auto channel = events::from_proto(static_cast<events::v1::Channel>(rows.get<std::int16_t>(row, 2)));
  if (channel) letter.channel = *channel;
  return letter;
}

std::vector<LetterRow> letters_of(const Rows& rows) {
  std::vector<LetterRow> letters;
  letters.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    letters.push_back({.letter = letter_at(rows, row),
                       .state = static_cast<State>(rows.get<std::int16_t>(row, 23)),
                       .revision = rows.get<std::int64_t>(row, 24),
                       .replay = rows.get<std::optional<Uuid>>(row, 25),
                       .replays = rows.get<std::int32_t>(row, 26)});
  }
  return letters;
}

std::vector<Uuid> ids_of(const std::vector<Place>& places) {
  std::vector<Uuid> ids;
  ids.reserve(places.size());
  for (const auto& place : places) ids.push_back(place.id);
  return ids;
}

void sort_counts(std::vector<Count>& counts, std::size_t most) {
  std::ranges::sort(counts, [](const Count& a, const Count& b) {
    return a.count != b.count ? a.count > b.count : a.key < b.key;
  });
  if (counts.size() > most) counts.resize(most);
}

constexpr std::size_t kMostCounts = 100;

/// A row is one group of one grouping set: which column it is about, and how many there are.
void add_count(Summary& summary, const Rows& rows, std::size_t row) {
  const auto count = rows.get<std::int64_t>(row, 7);
  const auto number = [&](std::size_t column) { return std::to_string(rows.get<std::int16_t>(row, column)); };
  switch (rows.get<std::int32_t>(row, 0)) {
    case 0b011111:
      summary.channels.push_back({number(1), count});
      break;
    case 0b101111:
      summary.reasons.push_back({rows.get<std::string>(row, 2), count});
      break;
    case 0b110111:
      summary.states.push_back({number(3), count});
      break;
    case 0b111011:
      summary.provider_codes.push_back({rows.get<std::string>(row, 4), count});
      break;
    case 0b111101: {
      const auto job = rows.get<std::optional<Uuid>>(row, 5);
      summary.jobs.push_back({job ? job->str() : "", count});
      break;
    }
    case 0b111110:
      summary.hours.emplace_back(rows.get<Timestamp>(row, 6), count);
      break;
    default:
      summary.total = count;
  }
}

}  // namespace

asio::awaitable<Result<std::vector<Place>>> LetterStore::places(Query query, std::optional<Place> after,
                                                                std::int32_t limit) {
  auto statement = places_statement(query, after, limit);
  const auto rows = co_await pool_.query(statement.sql, std::move(statement.params));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<Place> places;
  places.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row)
    places.push_back({.died_at = rows->get<Timestamp>(row, 0), .id = rows->get<Uuid>(row, 1)});
  co_return places;
}

asio::awaitable<Result<std::vector<LetterRow>>> LetterStore::list(Query query, std::optional<Place> after,
                                                                  std::int32_t limit) {
  const auto found = co_await places(std::move(query), after, limit);
  if (!found) co_return std::unexpected(found.error());
  co_return co_await find(ids_of(*found));
}

asio::awaitable<Result<std::vector<LetterRow>>> LetterStore::find(std::vector<Uuid> ids) {
  static const std::string sql =
      "SELECT " + kColumns + "FROM letter WHERE id = ANY ($1) AND died_at IS NOT NULL";
  if (ids.empty()) co_return std::vector<LetterRow>{};
  const auto rows = co_await pool_.query(sql, Params::of(ids));
  if (!rows) co_return std::unexpected(rows.error());
  auto letters = letters_of(*rows);
  std::unordered_map<Uuid, std::size_t> order;
  for (std::size_t i = 0; i < ids.size(); ++i) order.emplace(ids[i], i);
  std::ranges::sort(letters, {}, [&](const LetterRow& row) { return order.at(row.letter.id); });
  co_return letters;
}

asio::awaitable<Result<std::vector<LetterRow>>> LetterStore::generations_of(LetterRow row) {
  static const std::string after = "SELECT " + kColumns + "FROM letter WHERE previous = $1 LIMIT 1";
  std::vector<LetterRow> all;
  if (row.letter.notification_id) {
    auto found = co_await list({.notification = row.letter.notification_id}, {}, 100);
    if (!found) co_return std::unexpected(found.error());
    all = std::move(*found);
  } else {
    all.push_back(row);
  }
  const auto earliest =
      std::ranges::min_element(all, {}, [](const LetterRow& one) { return one.letter.died_at; });
  // Deaths that nobody could decode are chained by the letter that was replayed.
  auto previous = earliest->letter.previous;
  auto last = row.letter.id;
  std::unordered_set<Uuid> seen;
  for (const auto& one : all) seen.insert(one.letter.id);
  for (int i = 0; i < kChain && previous && !seen.contains(*previous); ++i) {
    const auto found = co_await find({*previous});
    if (!found) co_return std::unexpected(found.error());
    if (found->empty()) break;
    seen.insert(*previous);
    previous = found->front().letter.previous;
    all.push_back(found->front());
  }
  for (int i = 0; i < kChain; ++i) {
    const auto rows = co_await pool_.query(after, Params::of(last));
    if (!rows) co_return std::unexpected(rows.error());
    auto next = letters_of(*rows);
    if (next.empty() || !seen.insert(next.front().letter.id).second) break;
    last = next.front().letter.id;
    all.push_back(std::move(next.front()));
  }
  std::ranges::sort(all, {},
                    [](const LetterRow& one) { return std::tie(one.letter.died_at, one.letter.id); });
  co_return all;
}

asio::awaitable<Result<std::vector<Decision>>> LetterStore::decisions(std::vector<Uuid> letters) {
  const auto rows = co_await pool_.query(
      "SELECT letter_id, revision, kind, replay_id, generation, actor, reason, time FROM decision "
      "WHERE letter_id = ANY ($1) ORDER BY letter_id, revision",
      Params::of(letters));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<Decision> decisions;
  decisions.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    decisions.push_back({.letter = rows->get<Uuid>(row, 0),
                         .revision = rows->get<std::int64_t>(row, 1),
                         .kind = static_cast<Kind>(rows->get<std::int16_t>(row, 2)),
                         .replay = rows->get<std::optional<Uuid>>(row, 3),
                         .generation = rows->get<std::int32_t>(row, 4),
                         .actor = rows->get<std::string>(row, 5),
                         .reason = rows->get<std::string>(row, 6),
                         .time = rows->get<Timestamp>(row, 7)});
  }
  co_return decisions;
}

asio::awaitable<Result<Summary>> LetterStore::summarize(Query query) {
  Params params;
  const auto condition = condition_of(query, params);
  // Counted once by everything, then summed up six ways: the table is gone over one time.
  const auto rows = co_await pool_.query(
      "WITH counted AS MATERIALIZED (SELECT channel, reason, state, provider_code, job_id, "
      "date_trunc('hour', died_at, 'UTC') AS hour, count(*) AS letters FROM letter WHERE " +
          condition +
          " GROUP BY 1, 2, 3, 4, 5, 6) "
          "SELECT grouping(channel, reason, state, provider_code, job_id, hour), channel, reason, state, "
          "provider_code, job_id, hour, coalesce(sum(letters), 0)::bigint FROM counted GROUP BY GROUPING "
          "SETS "
          "((channel), (reason), (state), (provider_code), (job_id), (hour), ()) ORDER BY hour",
      std::move(params), kLongest);
  if (!rows) co_return std::unexpected(rows.error());
  Summary summary;
  for (std::size_t row = 0; row < rows->size(); ++row) add_count(summary, *rows, row);
  for (auto* counts :
       {&summary.channels, &summary.reasons, &summary.states, &summary.provider_codes, &summary.jobs})
    sort_counts(*counts, kMostCounts);
  co_return summary;
}

}  // namespace bongsu::deadletters
