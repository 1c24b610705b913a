#include "letter_api.hpp"

#include "letter_view.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/rpc/pages.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using rpc::Answer;
using rpc::Call;

const std::string kRead = "deadletter.read";
const std::string kReplay = "deadletter.replay";
const std::string kReveal = "deadletter.reveal";

constexpr auto kReading = 5s;
constexpr std::size_t kChunk = 1000;
constexpr std::size_t kMostReason = 500;

std::unexpected<rpc::Failure> no_such_letter(const std::string& which) {
  return rpc::refuse(ErrorCode::kNotFound, "dead_letter_not_found", "there is no dead letter " + which);
}

std::string query_of(const v1::Filter& filter) { return "ListDeadLetters/" + filter.SerializeAsString(); }

std::string position_of(const Letter& letter) {
  std::string position;
  postgres::put_integer<std::int64_t>(position, letter.died_at.time_since_epoch().count());
  return position.append(letter.id.view());
}

Answer<Place> place_in(std::string_view position) {
  constexpr std::size_t kBytes = 24;
  std::array<unsigned char, 16> id{};
  if (position.size() != kBytes)
    return rpc::refuse_fields({{"page_token", "malformed", "is not a token of this query"}});
  std::copy_n(position.begin() + 8, id.size(), id.begin());
  return Place{.died_at = Timestamp{std::chrono::milliseconds{postgres::get_integer<std::int64_t>(position)}},
               .id = Uuid{id}};
}

template <class Names>
void add_counts(google::protobuf::RepeatedPtrField<v1::SummarizeDeadLettersResponse::Count>& to,
                const std::vector<Count>& counts, const Names& name) {
  for (const auto& one : counts) {
    auto& count = *to.Add();
    count.set_key(name(one.key));
    count.set_count(one.count);
  }
}

std::string channel_name(const std::string& number) {
  const auto channel = events::from_proto(static_cast<events::v1::Channel>(std::stoi(number)));
  return name_of_channel(channel ? std::optional{*channel} : std::nullopt);
}

std::string state_name(const std::string& number) {
  return v1::DeadLetter::State_Name(static_cast<State>(std::stoi(number)));
}

Answer<void> check_reason(const std::string& reason) {
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos)
    return rpc::refuse_fields({{"reason", "required", "says why these letters are never to be sent"}});
  if (!is_utf8(reason) || reason.find('\0') != std::string::npos || count_characters(reason) > kMostReason)
    return rpc::refuse_fields({{"reason", "too_long", "is text of at most 500 characters"}});
  return {};
}

}  // namespace

rpc::Failure from_below(Error error) {
  if (error.code == ErrorCode::kConflict || error.code == ErrorCode::kTimeout ||
      error.code == ErrorCode::kCancelled) {
    error.code = ErrorCode::kUnavailable;
  }
  return rpc::Failure{std::move(error)};
}

void LetterApi::add_to(rpc::Service& service) {
  service.unary<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>(
      kRead, [this](const Call&, v1::ListDeadLettersRequest request) { return list(std::move(request)); });
  service.unary<v1::GetDeadLetterRequest, v1::DeadLetter>(
      kRead, [this](Call call, v1::GetDeadLetterRequest request) {
        return get(std::move(call), std::move(request));
      });
  service.unary<v1::SummarizeDeadLettersRequest, v1::SummarizeDeadLettersResponse>(
      kRead,
      [this](const Call&, v1::SummarizeDeadLettersRequest request) { return summarize(std::move(request)); });
  service.unary<v1::DiscardDeadLettersRequest, v1::DiscardDeadLettersResponse>(
      kReplay, [this](Call call, v1::DiscardDeadLettersRequest request) {
        return discard(std::move(call), std::move(request));
      });
}

LetterApi::Answered<v1::ListDeadLettersResponse> LetterApi::list(v1::ListDeadLettersRequest request) {
  const auto size = rpc::page_size_of(request.page_size());
  if (!size) co_return std::unexpected(size.error());
  auto query = read_filter(request.filter(), parts_.hash);
  if (!query) co_return std::unexpected(std::move(query.error()));
  const auto named = query_of(request.filter());
  std::optional<Place> after;
  if (!request.page_token().empty()) {
    const auto position = rpc::read_page_token(request.page_token(), named);
    if (!position) co_return std::unexpected(position.error());
    const auto place = place_in(*position);
    if (!place) co_return std::unexpected(place.error());
    after = *place;
  }
  const auto found = co_await parts_.store.list(std::move(*query), after, *size + 1);
  if (!found) co_return std::unexpected(from_below(found.error()));
  v1::ListDeadLettersResponse response;
  const auto count = std::min(found->size(), static_cast<std::size_t>(*size));
  for (std::size_t i = 0; i < count; ++i) *response.add_dead_letters() = view_of((*found)[i]);
  if (found->size() > count)
    response.set_next_page_token(rpc::make_page_token(named, position_of((*found)[count - 1].letter)));
  co_return response;
}

LetterApi::Answered<v1::DeadLetter> LetterApi::get(Call call, v1::GetDeadLetterRequest request) {
  const auto id = read_letter_name(request.name());
  if (!id) co_return std::unexpected(id.error());
  const auto found = co_await parts_.store.find({*id});
  if (!found) co_return std::unexpected(from_below(found.error()));
  if (found->empty()) co_return no_such_letter(id->str());
  const auto& row = found->front();
  auto letter = view_of(row);
  const bool revealed = !request.masked() && call.caller.roles.contains(kReveal);
  // Before anything is shown, so that nothing is shown unlogged.
  if (revealed) log::info("deadletter.revealed", {{"subject", call.caller.subject}, {"letter", *id}});
  co_await add_record(letter, row, revealed);
  if (const auto done = co_await add_history(letter, row); !done) co_return std::unexpected(done.error());
  co_return letter;
}

asio::awaitable<void> LetterApi::add_record(v1::DeadLetter& letter, const LetterRow& row, bool revealed) {
  const auto& its = row.letter;
  const auto read = co_await parts_.records.read(
      {{.topic = its.topic, .partition = its.partition, .offset = its.offset}}, kReading);
  if (read && read->front()) {
    show_headers(letter, read->front()->headers);
    show_value(letter, parts_.reader, *read->front(), revealed);
    co_return;
  }
  auto& value = *letter.mutable_value();
  value.set_size_bytes(its.size);
  value.set_unreadable_because(read ? "it is gone from the topic: its retention has passed"
                                    : "Kafka does not answer now, and the value lies there; try again (" +
                                          read.error().message + ")");
}

LetterApi::Answered<void> LetterApi::add_history(v1::DeadLetter& letter, LetterRow row) {
  const auto generations = co_await parts_.store.generations_of(std::move(row));
  if (!generations) co_return std::unexpected(from_below(generations.error()));
  std::vector<Uuid> ids;
  ids.reserve(generations->size());
  for (const auto& one : *generations) ids.push_back(one.letter.id);
  const auto decisions = co_await parts_.store.decisions(std::move(ids));
  if (!decisions) co_return std::unexpected(from_below(decisions.error()));
  show_history(letter, *generations, *decisions);
  co_return Answer<void>{};
}

LetterApi::Answered<v1::SummarizeDeadLettersResponse> LetterApi::summarize(
    v1::SummarizeDeadLettersRequest request) {
  auto query = read_filter(request.filter(), parts_.hash);
  if (!query) co_return std::unexpected(std::move(query.error()));
  const auto summary = co_await parts_.store.summarize(std::move(*query));
  if (!summary) co_return std::unexpected(from_below(summary.error()));
  const auto as_it_is = [](const std::string& key) { return key; };
  v1::SummarizeDeadLettersResponse response;
  response.set_total_count(summary->total);
  add_counts(*response.mutable_channels(), summary->channels, channel_name);
  add_counts(*response.mutable_reasons(), summary->reasons, as_it_is);
  add_counts(*response.mutable_states(), summary->states, state_name);
  add_counts(*response.mutable_provider_codes(), summary->provider_codes, as_it_is);
  add_counts(*response.mutable_jobs(), summary->jobs,
             [](const std::string& key) { return key.empty() ? key : "jobs/" + key; });
  for (const auto& [hour, count] : summary->hours) {
    auto& one = *response.add_hours();
    *one.mutable_hour() = events::to_proto(hour);
    one.set_count(count);
  }
  co_return response;
}

LetterApi::Answered<v1::DiscardDeadLettersResponse> LetterApi::discard(
    Call call, v1::DiscardDeadLettersRequest request) {
  if (request.has_filter() == !request.names().empty())
    co_return rpc::refuse_fields({{"filter", "one_of", "or names: one of both says which letters"}});
  if (const auto good = check_reason(request.reason()); !good) co_return std::unexpected(good.error());
  Change change{.from = {v1::DeadLetter::OPEN},
                .kind = events::v1::DeadLetterEvent::DISCARDED,
                .actor = call.caller.subject,
                .reason = request.reason(),
                .time = parts_.clock.now()};
  if (!request.has_filter()) {
    auto ids = read_letter_names(request.names());
    if (!ids) co_return std::unexpected(std::move(ids.error()));
    co_return co_await discard_named(std::move(*ids), std::move(change));
  }
  auto query = read_filter(request.filter(), parts_.hash);
  if (!query) co_return std::unexpected(std::move(query.error()));
  if (query->states.empty()) query->states.push_back(v1::DeadLetter::OPEN);
  co_return co_await discard_matching(std::move(*query), std::move(change));
}

/// One chunk, one transaction.
asio::awaitable<Result<std::size_t>> LetterApi::discard_some(Change change) {
  std::ranges::sort(change.letters);
  const auto changed = co_await parts_.pool.transaction(
      [&](postgres::Session& session) { return parts_.store.change_state(session, change); });
  if (!changed) co_return std::unexpected(changed.error());
  if (!changed->empty()) parts_.on_stored();
  co_return changed->size();
}

LetterApi::Answered<v1::DiscardDeadLettersResponse> LetterApi::discard_named(std::vector<Uuid> ids,
                                                                             Change change) {
  v1::DiscardDeadLettersResponse response;
  for (std::size_t begin = 0; begin < ids.size(); begin += kChunk) {
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), begin + kChunk));
    const std::vector<Uuid> some{ids.begin() + static_cast<std::ptrdiff_t>(begin), end};
    const auto known = co_await parts_.store.find(some);
    if (!known) co_return std::unexpected(from_below(known.error()));
    if (known->size() == some.size()) continue;
    for (const auto& id : some) {
      if (std::ranges::none_of(*known, [&](const LetterRow& row) { return row.letter.id == id; }))
        co_return no_such_letter(id.str());
    }
  }
  for (std::size_t begin = 0; begin < ids.size(); begin += kChunk) {
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), begin + kChunk));
    change.letters.assign(ids.begin() + static_cast<std::ptrdiff_t>(begin), end);
    const auto count = change.letters.size();
    const auto discarded = co_await discard_some(change);
    if (!discarded) co_return std::unexpected(from_below(discarded.error()));
    response.set_discarded_count(response.discarded_count() + static_cast<std::int64_t>(*discarded));
    response.set_skipped_count(response.skipped_count() + static_cast<std::int64_t>(count - *discarded));
  }
  log::info("deadletter.discarded", {{"subject", change.actor}, {"letters", response.discarded_count()}});
  co_return response;
}

LetterApi::Answered<v1::DiscardDeadLettersResponse> LetterApi::discard_matching(Query query, Change change) {
  v1::DiscardDeadLettersResponse response;
  std::optional<Place> after;
  for (;;) {
    const auto places = co_await parts_.store.places(query, after, kChunk);
    if (!places) co_return std::unexpected(from_below(places.error()));
    if (places->empty()) break;
    after = places->back();
    change.letters.clear();
    for (const auto& place : *places) change.letters.push_back(place.id);
    const auto discarded = co_await discard_some(change);
    if (!discarded) co_return std::unexpected(from_below(discarded.error()));
    response.set_discarded_count(response.discarded_count() + static_cast<std::int64_t>(*discarded));
    response.set_skipped_count(response.skipped_count() +
                               static_cast<std::int64_t>(places->size() - *discarded));
    if (places->size() < kChunk) break;
  }
  if (!after) {
    co_return rpc::refuse(ErrorCode::kConflict, "nothing_matches",
                          "no letter that is OPEN matches the filter: nothing was discarded; list with the "
                          "same filter to see what there is");
  }
  log::info("deadletter.discarded", {{"subject", change.actor}, {"letters", response.discarded_count()}});
  co_return response;
}

}  // namespace bongsu::deadletters
