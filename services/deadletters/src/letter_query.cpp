#include "letter_query.hpp"

#include <bongsu/events/ids.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

using postgres::Params;

/// As the column has it at most.
constexpr std::int32_t kMostReplays = 99;
/// Generations that are looked for under one notification.
constexpr std::uint32_t kGenerations = 100;

/// Names the next parameter.
template <class T>
std::string added(Params& params, const T& value) {
  params.add(value);
  return "$" + std::to_string(params.size());
}

Uuid greatest_id() {
  std::array<unsigned char, 16> bytes{};
  bytes.fill(0xFF);
  return Uuid{bytes};
}

/// Behind which the list begins; `to` is exclusive.
Place begin_of(const Query& query, const std::optional<Place>& after) {
  using namespace std::chrono;
  Place place{.died_at = sys_days{year{9999} / December / 31}, .id = greatest_id()};
  if (query.to) place = {.died_at = *query.to, .id = Uuid{}};
  if (after && std::tie(after->died_at, after->id) < std::tie(place.died_at, place.id)) place = *after;
  return place;
}

std::vector<Uuid> letters_of(const Uuid& notification) {
  std::vector<Uuid> ids;
  ids.reserve(kGenerations);
  for (std::uint32_t generation = 0; generation < kGenerations; ++generation)
    ids.push_back(events::letter_id(notification, generation));
  return ids;
}

/// What the record's kind and state have to be.
std::string of_kind(const Query& query, Params& params) {
  std::string sql;
  if (!query.channels.empty()) sql += " AND channel = ANY (" + added(params, query.channels) + ")";
  if (!query.reasons.empty()) sql += " AND reason = ANY (" + added(params, query.reasons) + ")";
  if (!query.provider_codes.empty())
    sql += " AND provider_code = ANY (" + added(params, query.provider_codes) + ")";
  return sql;
}

std::string of_states(const Query& query, Params& params) {
  return query.states.empty() ? "" : " AND state = ANY (" + added(params, query.states) + ")";
}

/// Fields that few letters share.
std::string of_narrow(const Query& query, Params& params) {
  std::string sql;
  if (query.notification)
    sql += " AND letter.id = ANY (" + added(params, letters_of(*query.notification)) + ")";
  if (query.recipient_hash) sql += " AND recipient_hash = " + added(params, *query.recipient_hash);
  if (query.replay) sql += " AND replay_id = " + added(params, *query.replay);
  if (query.job) sql += " AND job_id = " + added(params, *query.job);
  return sql;
}

std::string of_replays(const Query& query, Params& params) {
  if (query.min_replays <= 0) return "";
  return " AND replays > 0 AND replays >= " + added(params, std::min(query.min_replays, kMostReplays + 1));
}

constexpr std::string_view kOrder = " ORDER BY died_at DESC, letter.id DESC LIMIT ";

/// From each of `walks` (rows of a common table `walk`) the first, then the first of all these.
std::string merged(const std::string& walks, const std::string& condition, const std::string& limit) {
  return "SELECT found.died_at, found.id FROM " + walks +
         " CROSS JOIN LATERAL (SELECT died_at, letter.id FROM letter WHERE " + condition +
         std::string{kOrder} + limit + ") AS found ORDER BY found.died_at DESC, found.id DESC LIMIT " + limit;
}

}  // namespace

std::string condition_of(const Query& query, Params& params) {
  std::string sql = "died_at IS NOT NULL";
  if (query.from) sql += " AND died_at >= " + added(params, *query.from);
  if (query.to) sql += " AND died_at < " + added(params, *query.to);
  return sql + of_narrow(query, params) + of_replays(query, params) + of_kind(query, params) +
         of_states(query, params);
}

Statement places_statement(const Query& query, std::optional<Place> after, std::int32_t limit) {
  const auto begin = begin_of(query, after);
  Statement made;
  auto& params = made.params;
  const auto died_at = added(params, begin.died_at);
  const auto id = added(params, begin.id);
  auto page = "(died_at, letter.id) < (" + died_at + ", " + id + ")";
  if (query.from) page += " AND died_at >= " + added(params, *query.from);
  const auto most = added(params, limit);

  const bool narrow = query.notification || query.recipient_hash || query.replay || query.job;
  const bool kind = !query.channels.empty() || !query.reasons.empty() || !query.provider_codes.empty();
  if (narrow) {
    made.sql = "SELECT died_at, letter.id FROM letter WHERE " + page + of_narrow(query, params) +
               of_replays(query, params) + of_kind(query, params) + of_states(query, params) +
               std::string{kOrder} + most;
  } else if (query.min_replays > 0) {
    const auto least = added(params, std::min(query.min_replays, kMostReplays + 1));
    made.sql =
        merged("generate_series(" + least + "::int, " + std::to_string(kMostReplays) + ") AS walk(replays)",
               "letter.replays > 0 AND letter.replays = walk.replays::smallint AND " + page +
                   of_kind(query, params) + of_states(query, params),
               most);
  } else if (kind || !query.states.empty()) {
    std::vector<std::int16_t> states = query.states;
    if (states.empty()) {
      for (int state = v1::DeadLetter::OPEN; state <= v1::DeadLetter::DISCARDED; ++state)
        states.push_back(static_cast<std::int16_t>(state));
    }
    const auto kinds = of_kind(query, params);
    made.sql = merged("(SELECT channel, reason, provider_code FROM letter_kind WHERE true" + kinds +
                          ") AS walk CROSS JOIN unnest(" + added(params, states) + ") AS one(state)",
                      "letter.channel = walk.channel AND letter.reason = walk.reason AND "
                      "letter.provider_code = walk.provider_code AND letter.state = one.state AND " +
                          page,
                      most);
  } else {
    made.sql = "SELECT died_at, letter.id FROM letter WHERE " + page + std::string{kOrder} + most;
  }
  return made;
}

}  // namespace bongsu::deadletters
