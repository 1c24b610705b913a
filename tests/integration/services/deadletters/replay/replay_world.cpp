#include "replay_world.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/progress.hpp>

#include <stdexcept>

#include <poll.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
namespace header = events::header;

constexpr auto kChannel = events::Channel::kEmail;

using support::good;

bool adds_up(const v1::Replay& replay) {
  return replay.total_count() == replay.waiting_count() + replay.replaying_count() +
                                     replay.delivered_count() + replay.dead_again_count() +
                                     replay.skipped_count() + replay.returned_count();
}

}  // namespace

void ReplayWorld::pause() { ::poll(nullptr, 0, 50); }

ReplayWorld::ReplayWorld() : ServiceWorld{"deadletters", {"deadletter.read", "deadletter.replay"}} {
  environment.emplace("REPLAY_LEASE", "1s");  // a dead replica's work is taken over soon
}

std::vector<ReplayWorld::Buried> ReplayWorld::bury(int count, const std::string& reason,
                                                   std::uint32_t generation) {
  const auto now = SystemClock{}.now();
  std::vector<Buried> buried;
  std::vector<kafka::Record> records;
  for (int i = 0; i < count; ++i) {
    const auto id = Uuid::v8(now, next_id().str());
    const auto number = std::to_string(i);
    events::v1::NotificationPrivate content;
    content.set_recipient("hong" + number + "@example.com");
    content.set_text("안녕하세요");
    events::v1::NotificationRequest request;
    request.set_id(id.str());
    request.set_channel(events::v1::EMAIL);
    request.set_member_id("m-" + number);
    *request.mutable_requested_at() = events::to_proto(now);
    request.set_sealed(
        box().seal(content.SerializeAsString(), id, events::type::kNotificationRequested, random()));
    kafka::Record record{
        .topic = topics().dlq(kChannel),
        .key = "m-" + number,
        .value = events::encode(request),
        .headers = events::make_headers({.id = id.str(),
                                         .source = "/test",
                                         .type = std::string{events::type::kNotificationRequested},
                                         .time = now})};
    set(record.headers, header::kNotificationId, id.str());
    events::write(record.headers, events::Progress{.generation = generation, .attempt = 3});
    events::write(record.headers, events::Death{.reason = reason,
                                                .provider_code = {},
                                                .topic = topics().retry(kChannel, 1),
                                                .partition = 0,
                                                .offset = i,
                                                .group = "email",
                                                .tries = 9,
                                                .message = "no answer"});
    records.push_back(std::move(record));
    buried.push_back({.letter = events::letter_id(id, generation).str(), .notification = id.str()});
  }
  publish(std::move(records));
  until_indexed(buried);
  return buried;
}

ReplayWorld::Buried ReplayWorld::bury_poison(std::string value, Headers headers) {
  const auto origin = topics().request(kChannel);
  static std::int64_t offset = 0;
  ++offset;
  events::write(headers, events::Death{.reason = "undecodable",
                                       .provider_code = {},
                                       .topic = origin,
                                       .partition = 1,
                                       .offset = offset,
                                       .group = "email",
                                       .tries = 0,
                                       .message = "the value cannot be read"});
  publish({{.topic = topics().dlq(kChannel),
            .key = {},
            .value = std::move(value),
            .headers = std::move(headers)}});
  const Buried buried{.letter = events::letter_id(topics().dlq(kChannel), origin, 1, offset).str(),
                      .notification = {}};
  until_indexed({buried});
  return buried;
}

void ReplayWorld::until_indexed(const std::vector<Buried>& letters) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::string ids;
  for (const auto& letter : letters) ids += (ids.empty() ? "'" : ",'") + letter.letter + "'";
  const auto sql =
      "SELECT count(*)::text FROM deadletters.letter WHERE died_at IS NOT NULL AND id IN (" + ids + ")";
  while (column(sql).front() != std::to_string(letters.size())) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not indexed in time\n" + log_of()};
    pause();
  }
}

v1::DeadLetter ReplayWorld::letter(const std::string& id) {
  v1::GetDeadLetterRequest request;
  request.set_name("deadLetters/" + id);
  return good(ask<v1::DeadLetter>(request));
}

v1::Replay ReplayWorld::plan(const std::vector<Buried>& letters) {
  v1::CreateReplayRequest request;
  for (const auto& one : letters) request.add_names("deadLetters/" + one.letter);
  return good(ask<v1::Replay>(request));
}

v1::Replay ReplayWorld::plan_all() {
  v1::CreateReplayRequest request;
  request.mutable_filter()->add_channels("EMAIL");
  return good(ask<v1::Replay>(request));
}

v1::ExecuteReplayRequest ReplayWorld::order(const v1::Replay& plan, double rate) {
  v1::ExecuteReplayRequest request;
  request.set_name(plan.name());
  request.set_digest(plan.digest());
  request.set_rate_per_second(rate);
  return request;
}

v1::Replay ReplayWorld::execute(const v1::Replay& plan, double rate) {
  return good(ask<v1::Replay>(order(plan, rate)));
}

v1::Replay ReplayWorld::get(const std::string& name) {
  v1::GetReplayRequest request;
  request.set_name(name);
  return good(ask<v1::Replay>(request));
}

v1::Replay ReplayWorld::until(const v1::Replay& replay, const std::function<bool(const v1::Replay&)>& holds,
                              std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    play();
    auto now = get(replay.name());
    if (!adds_up(now)) throw std::runtime_error{"the counts do not add up: " + now.ShortDebugString()};
    if (holds(now)) return now;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not in time; the replay is " + now.ShortDebugString() + "\n" + log_of()};
    pause();
  }
}

std::vector<kafka::Message> ReplayWorld::sent() { return kafka.read_all(topics().replay(kChannel)); }

std::map<std::string, int> ReplayWorld::sent_letters() {
  std::map<std::string, int> letters;
  for (const auto& record : sent())
    ++letters[std::string{find(record.headers, header::kLetterId).value_or("")}];
  return letters;
}

void ReplayWorld::play() {
  std::vector<kafka::Record> results;
  for (const auto& record : sent()) {
    if (answered_.contains({record.partition, record.offset})) continue;
    const auto outcome = answer(record);
    if (!outcome) continue;
    answered_.insert({record.partition, record.offset});
    results.push_back(result(record, *outcome));
  }
  if (!results.empty()) publish(std::move(results));
}

kafka::Record ReplayWorld::result(const kafka::Message& record, Outcome outcome) const {
  const auto text = [&](std::string_view name) {
    return std::string{find(record.headers, name).value_or("")};
  };
  DeliveryResult result;
  result.set_notification_id(text(header::kNotificationId));
  result.set_channel(events::v1::EMAIL);
  result.set_outcome(outcome);
  result.set_reason(outcome == DeliveryResult::DELIVERED ? "" : "unavailable");
  result.set_generation(static_cast<std::uint32_t>(std::stoul(text(header::kGeneration))));
  result.set_attempt(1);
  result.set_final(true);
  result.set_replay_id(text(header::kReplayId));
  result.set_letter_id(text(header::kLetterId));
  *result.mutable_time() = events::to_proto(SystemClock{}.now());
  return {.topic = topics().result(),
          .key = result.letter_id(),
          .value = events::encode(result),
          .headers = events::make_headers({.id = "1",
                                           .source = "/test",
                                           .type = std::string{events::type::kDeliveryResult},
                                           .time = SystemClock{}.now()})};
}

kafka::Record ReplayWorld::died_again(const kafka::Message& record) const {
  kafka::Record again{.topic = topics().dlq(kChannel),
                      .key = record.key,
                      .value = record.value.value_or(""),
                      .headers = record.headers};
  events::write(again.headers, events::Death{.reason = "undecodable",
                                             .provider_code = {},
                                             .topic = std::string{record.topic},
                                             .partition = record.partition,
                                             .offset = record.offset,
                                             .group = "email",
                                             .tries = 0,
                                             .message = "the value cannot be read"});
  return again;
}

}  // namespace bongsu::deadletters
