#include "replay_api.hpp"

#include "letter_api.hpp"
#include "replay_record.hpp"
#include "replay_view.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/rpc/pages.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using rpc::Answer;
using rpc::Call;

const std::string kRead = "deadletter.read";
const std::string kReplay = "deadletter.replay";

constexpr int kMostRepairs = 1'000;
constexpr double kMostRate = 100'000;
constexpr int kTries = 10;
/// Between two answers of a watch: at most five a second.
constexpr auto kBetween = 200ms;

std::unexpected<rpc::Failure> no_such_replay() {
  return rpc::refuse(ErrorCode::kNotFound, "replay_not_found", "there is no such replay; ask for the list");
}

Answer<void> check(const v1::ExecuteReplayRequest& request) {
  std::vector<rpc::FieldViolation> wrong;
  const auto rate = request.rate_per_second();
  if (!std::isfinite(rate) || rate <= 0 || rate > kMostRate)
    wrong.push_back({"rate_per_second", "out_of_range", "is above 0 and at most 100000 letters a second"});
  if (request.has_canary()) {
    const auto ratio = request.canary().min_success_ratio();
    if (request.canary().count() < 1)
      wrong.push_back({"canary.count", "out_of_range", "is at least 1; leave the canary out to go without"});
    if (!std::isfinite(ratio) || ratio <= 0 || ratio > 1)
      wrong.push_back({"canary.min_success_ratio", "out_of_range", "is above 0 and at most 1"});
  }
  if (request.repairs_size() > kMostRepairs) wrong.push_back({"repairs", "too_many", "are at most 1000"});
  if (!wrong.empty()) return rpc::refuse_fields(std::move(wrong));
  return {};
}

/// The same order as the one that was executed.
bool is_same(const Replay& replay, const v1::ExecuteReplayRequest& request) {
  return replay.rate == request.rate_per_second() && replay.canary.count == request.canary().count() &&
         replay.canary.ratio == request.canary().min_success_ratio() &&
         replay.repaired == request.repairs_size();
}

Answer<std::vector<std::int16_t>> read_states(const v1::ListReplaysRequest& request) {
  std::vector<std::int16_t> states;
  for (const auto state : request.states()) {
    if (!v1::Replay::State_IsValid(state) || state == v1::Replay::STATE_UNSPECIFIED)
      return rpc::refuse_fields({{"states", "unknown_state", "names a state that there is not"}});
    states.push_back(static_cast<std::int16_t>(state));
  }
  std::ranges::sort(states);
  states.erase(std::ranges::unique(states).begin(), states.end());
  return states;
}

Uuid id_in(const std::string& position) {
  std::array<unsigned char, 16> bytes{};
  std::copy_n(position.begin(), std::min(position.size(), bytes.size()), bytes.begin());
  return Uuid{bytes};
}

}  // namespace

void ReplayApi::serve(rpc::Service& service) {
  service.unary<v1::CreateReplayRequest, v1::Replay>(kReplay,
                                                     [this](Call call, v1::CreateReplayRequest request) {
                                                       return create(std::move(call), std::move(request));
                                                     });
  service.unary<v1::ExecuteReplayRequest, v1::Replay>(kReplay,
                                                      [this](Call call, v1::ExecuteReplayRequest request) {
                                                        return execute(std::move(call), std::move(request));
                                                      });
  service.unary<v1::GetReplayRequest, v1::Replay>(
      kRead, [this](const Call&, const v1::GetReplayRequest& request) { return get(request.name()); });
  service.unary<v1::ListReplaysRequest, v1::ListReplaysResponse>(
      kRead, [this](const Call&, v1::ListReplaysRequest request) { return list(std::move(request)); });
  service.stream<v1::WatchReplayRequest, v1::Replay>(
      kRead, [this](const Call&, const v1::WatchReplayRequest& request, rpc::Writer<v1::Replay> writer) {
        return watch(request.name(), std::move(writer));
      });
  service.unary<v1::CancelReplayRequest, v1::Replay>(
      kReplay, [this](Call call, const v1::CancelReplayRequest& request) {
        return cancel(std::move(call), request.name());
      });
}

ReplayApi::Answered<Replay> ReplayApi::find(std::string name) {
  const auto id = read_replay_name(name);
  if (!id) co_return rpc::refuse_fields({{"name", "malformed_name", "is replays/{id}"}});
  auto found = co_await parts_.replays.find(*id);
  if (!found) co_return std::unexpected(from_below(found.error()));
  if (!*found) co_return no_such_replay();
  co_return std::move(**found);
}

ReplayApi::Answered<v1::Replay> ReplayApi::create(Call call, v1::CreateReplayRequest request) {
  if (request.has_filter() == (request.names_size() > 0))
    co_return rpc::refuse_fields({{"filter", "required", "or names, one of both, says which letters"}});
  Planner::Asked asked{.query = {}, .filter = {}, .letters = {}, .by = call.caller.subject};
  if (request.has_filter()) {
    auto query = parts_.read_filter(request.filter());
    if (!query) co_return std::unexpected(std::move(query.error()));
    for (const auto state : request.filter().states()) {
      if (state != v1::DeadLetter::OPEN)
        co_return rpc::refuse_fields({{"filter.states", "not_open", "only OPEN letters can be replayed"}});
    }
    asked.query = std::move(*query);
    request.mutable_filter()->clear_recipient();
    asked.filter = request.filter().SerializeAsString();
  } else {
    auto letters = read_letter_names(request.names());
    if (!letters) co_return std::unexpected(std::move(letters.error()));
    std::ranges::sort(*letters);
    letters->erase(std::ranges::unique(*letters).begin(), letters->end());
    asked.letters = std::move(*letters);
  }
  auto planned = co_await parts_.planner.plan(std::move(asked));
  if (!planned) co_return std::unexpected(std::move(planned.error()));
  parts_.on_stored();
  co_return view_of(*planned);
}

ReplayApi::Answered<std::vector<SealedRepair>> ReplayApi::seal(Replay replay,
                                                               v1::ExecuteReplayRequest request) {
  std::vector<SealedRepair> repairs;
  if (request.repairs_size() == 0) co_return repairs;
  std::map<Uuid, Recipient> asked;
  for (const auto& repair : request.repairs()) {
    const auto id = read_letter_name(repair.name(), "repairs.name");
    if (!id) co_return std::unexpected(id.error());
    if (!asked.emplace(*id, Recipient{repair.recipient()}).second)
      co_return rpc::refuse_fields({{"repairs.name", "named_twice", "names each letter once"}});
  }
  std::vector<Uuid> ids;
  for (const auto& [id, recipient] : asked) ids.push_back(id);
  const auto planned = co_await parts_.replays.planned(replay.id, ids);
  if (!planned) co_return std::unexpected(from_below(planned.error()));
  if (planned->size() != ids.size())
    co_return rpc::refuse_fields({{"repairs.name", "not_planned", "names a letter that is not in the plan"}});
  const auto rows = co_await parts_.letters.find(ids);
  if (!rows) co_return std::unexpected(from_below(rows.error()));
  for (const auto& row : *rows) {
    const auto& letter = row.letter;
    const auto& recipient = asked.at(letter.id);
    if (letter.reason == "undecodable" || !letter.channel)
      co_return rpc::refuse_fields({{"repairs.name", "undecodable", "names a letter that nobody can read"}});
    if (const auto fits = check_recipient(*letter.channel, recipient); !fits)
      co_return rpc::refuse_fields({{"repairs.recipient", "malformed_recipient", fits.error().message}});
    repairs.push_back(
        {letter.id, seal_recipient(recipient, replay.id, letter.id, parts_.box, parts_.random)});
  }
  co_return repairs;
}

ReplayApi::Answered<v1::Replay> ReplayApi::execute(Call call, v1::ExecuteReplayRequest request) {
  if (auto fine = check(request); !fine) co_return std::unexpected(std::move(fine.error()));
  for (int tries = 0; tries < kTries; ++tries) {
    auto found = co_await find(request.name());
    if (!found) co_return std::unexpected(std::move(found.error()));
    auto& replay = *found;
    if (request.digest() != to_hex(replay.digest))
      co_return rpc::refuse(ErrorCode::kConflict, "digest_mismatch",
                            "the digest is not this plan's; read the plan again and name its digest");
    const auto now = parts_.clock.now();
    if (replay.state == v1::Replay::EXPIRED ||
        (replay.state == v1::Replay::PLANNED && now >= replay.expires_at))
      co_return rpc::refuse(ErrorCode::kConflict, "plan_expired", "the plan has expired; make a new one");
    if (replay.state != v1::Replay::PLANNED) {
      if (replay.started_at && is_same(replay, request)) co_return view_of(replay);
      co_return rpc::refuse(ErrorCode::kConflict, "not_planned",
                            "the replay was executed or cancelled already; look at it, or make a new plan");
    }
    auto repairs = co_await seal(replay, request);
    if (!repairs) co_return std::unexpected(std::move(repairs.error()));
    replay.state = v1::Replay::RUNNING;
    replay.rate = request.rate_per_second();
    replay.canary = {.count = request.canary().count(), .ratio = request.canary().min_success_ratio()};
    replay.canaries = request.has_canary() ? v1::Replay::AWAITED : v1::Replay::NONE;
    replay.repaired = static_cast<std::int64_t>(repairs->size());
    replay.started_at = now;
    replay.executed_by = call.caller.subject;
    const auto written = co_await parts_.replays.update(replay, std::move(*repairs), now);
    if (!written) co_return std::unexpected(from_below(written.error()));
    if (!*written) continue;
    log::info("replay.executed", {{"id", replay.id}, {"by", replay.executed_by}, {"rate", replay.rate}});
    parts_.on_stored();
    parts_.replayer.wake();
    co_return view_of(replay);
  }
  co_return rpc::refuse(ErrorCode::kUnavailable, "busy", "the replay is changing too fast; try again");
}

ReplayApi::Answered<v1::Replay> ReplayApi::get(std::string name) {
  const auto found = co_await find(std::move(name));
  if (!found) co_return std::unexpected(found.error());
  co_return view_of(*found);
}

ReplayApi::Answered<v1::ListReplaysResponse> ReplayApi::list(v1::ListReplaysRequest request) {
  const auto size = rpc::page_size_of(request.page_size());
  if (!size) co_return std::unexpected(size.error());
  const auto states = read_states(request);
  if (!states) co_return std::unexpected(states.error());
  std::string query{"ListReplays"};
  for (const auto state : *states) query += "/" + std::to_string(state);
  std::optional<Uuid> after;
  if (!request.page_token().empty()) {
    const auto position = rpc::read_page_token(request.page_token(), query);
    if (!position) co_return std::unexpected(position.error());
    after = id_in(*position);
  }
  auto replays = co_await parts_.replays.list(after, *states, *size + 1);
  if (!replays) co_return std::unexpected(from_below(replays.error()));
  v1::ListReplaysResponse response;
  const auto wanted = static_cast<std::size_t>(*size);
  if (replays->size() > wanted) {
    replays->resize(wanted);
    response.set_next_page_token(rpc::make_page_token(query, replays->back().id.view()));
  }
  for (const auto& replay : *replays) *response.add_replays() = view_of(replay);
  co_return response;
}

ReplayApi::Answered<void> ReplayApi::watch(std::string name, rpc::Writer<v1::Replay> writer) {
  std::string last;
  while (!writer.closed()) {
    const auto found = co_await find(name);
    if (!found && found.error().code == ErrorCode::kUnavailable) {
      co_await sleep_for(kBetween);  // PostgreSQL is away, and comes back
      continue;
    }
    if (!found) co_return std::unexpected(found.error());
    const auto view = view_of(*found);
    auto bytes = view.SerializeAsString();
    if (bytes != last) {
      if (!co_await writer.write(view)) break;
      last = std::move(bytes);
    }
    if (is_final(found->state)) break;
    // Other replicas' changes are seen as well.
    co_await sleep_for(kBetween);
  }
  co_return Answer<void>{};
}

ReplayApi::Answered<v1::Replay> ReplayApi::cancel(Call call, std::string name) {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto found = co_await find(name);
    if (!found) co_return std::unexpected(found.error());
    const auto now = parts_.clock.now();
    const auto next = cancelled(*found, call.caller.subject, now);
    if (!next && found->state == v1::Replay::CANCELLED) co_return view_of(*found);
    if (!next)
      co_return rpc::refuse(ErrorCode::kConflict, "not_running",
                            "the replay has ended already; nothing is cancelled");
    const auto written = co_await parts_.replays.update(*next, {}, now);
    if (!written) co_return std::unexpected(from_below(written.error()));
    if (!*written) continue;
    log::info("replay.cancelled", {{"id", next->id}, {"by", next->cancelled_by}});
    parts_.on_stored();
    parts_.replayer.wake();
    co_return co_await get(name);
  }
  co_return rpc::refuse(ErrorCode::kUnavailable, "busy", "the replay is changing too fast; try again");
}

}  // namespace bongsu::deadletters
