#include "support/letters/letters_world.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>

#include <array>
#include <stdexcept>

#include <poll.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
namespace header = events::header;

void pause() { ::poll(nullptr, 0, 50); }

}  // namespace

std::vector<Dead> LettersWorld::mixed(int count) {
  static constexpr std::array<std::string_view, 4> kReasons{"timeout", "unavailable", "invalid_recipient",
                                                            "expired"};
  std::vector<Dead> deaths;
  deaths.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto of = static_cast<std::size_t>(i);
    deaths.push_back({.channel = events::kChannels.at(of % 4),
                      .notification = next_id(),
                      .reason = std::string{kReasons.at(of / 4 % 4)},
                      .code = i % 3 == 0 ? "503" : "",
                      .generation = i % 7 == 0 ? 2U : 0U,
                      .job = i % 5 == 0 ? "019aa46b-a0f0-7000-8000-000000000001" : "",
                      .recipient = "+8210" + std::to_string(10'000'000 + i % 50)});
  }
  return deaths;
}

std::vector<kafka::Record> LettersWorld::records(const std::vector<Dead>& deaths) const {
  std::vector<kafka::Record> records;
  records.reserve(deaths.size() * 11 / 10 + 1);
  for (std::size_t i = 0; i < deaths.size(); ++i) {
    records.push_back(record(deaths[i]));
    if (i % 10 == 0) records.push_back(records.back());
  }
  return records;
}

kafka::Record LettersWorld::record(const Dead& dead) const {
  events::v1::NotificationPrivate content;
  content.set_recipient(dead.recipient);
  content.set_text(dead.text);
  events::v1::NotificationRequest request;
  request.set_id(dead.notification.str());
  request.set_channel(events::to_proto(dead.channel));
  request.set_job_id(dead.job);
  request.set_sealed(box().seal(content.SerializeAsString(), dead.notification,
                                events::type::kNotificationRequested, random()));
  kafka::Record record;
  record.topic = topics().dlq(dead.channel);
  record.key = dead.notification.str();
  record.value = events::encode(request);
  record.headers = events::make_headers({.id = dead.notification.str(),
                                         .source = "/test",
                                         .type = std::string{events::type::kNotificationRequested},
                                         .time = SystemClock{}.now()});
  set(record.headers, header::kNotificationId, dead.notification.str());
  if (!dead.job.empty()) set(record.headers, header::kJobId, dead.job);
  events::write(record.headers, events::Progress{.generation = dead.generation, .attempt = 3});
  events::write(record.headers, events::Death{.reason = dead.reason,
                                              .provider_code = dead.code,
                                              .topic = topics().retry(dead.channel, 1),
                                              .partition = 1,
                                              .offset = 7,
                                              .group = "test",
                                              .tries = 9,
                                              .message = "no answer within 5 s"});
  if (dead.died_at != Timestamp{}) record.timestamp = dead.died_at;
  return record;
}

kafka::Record LettersWorld::undecodable(events::Channel channel, std::string value, std::int64_t offset,
                                        Headers headers) const {
  kafka::Record record{.topic = topics().dlq(channel), .value = std::move(value)};
  record.headers = std::move(headers);
  events::write(record.headers, events::Death{.reason = "undecodable",
                                              .provider_code = {},
                                              .topic = topics().request(channel),
                                              .partition = 2,
                                              .offset = offset,
                                              .group = "test",
                                              .tries = 0,
                                              .message = "header ce_type is missing"});
  return record;
}

kafka::Record LettersWorld::decision(const Uuid& letter, events::v1::DeadLetterEvent::Kind kind,
                                     std::uint64_t revision, const std::string& replay) const {
  events::v1::DeadLetterEvent event;
  event.set_letter_id(letter.str());
  event.set_kind(kind);
  event.set_revision(revision);
  event.set_replay_id(replay);
  event.set_generation(1);
  event.set_actor("somebody");
  *event.mutable_time() = events::to_proto(Timestamp{std::chrono::milliseconds{1'763'700'000'000}});
  return {.topic = topics().dead_letter_event(),
          .key = letter.str(),
          .value = events::encode(event),
          .headers = events::make_headers({.id = "1",
                                           .source = "/test",
                                           .type = std::string{events::type::kDeadLetterEvent},
                                           .time = SystemClock{}.now()})};
}

std::vector<v1::DeadLetter> LettersWorld::list(const v1::Filter& filter, int page_size) {
  std::vector<v1::DeadLetter> letters;
  v1::ListDeadLettersRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(page_size);
  do {
    const auto page = ask<v1::ListDeadLettersResponse>(request);
    if (!page) throw std::runtime_error{"not listed: " + page.error().message};
    letters.insert(letters.end(), page->dead_letters().begin(), page->dead_letters().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return letters;
}

std::int64_t LettersWorld::total() {
  const auto summary = ask<v1::SummarizeDeadLettersResponse>(v1::SummarizeDeadLettersRequest{});
  if (summary) return summary->total_count();
  // Not reached, or the index is being made again: both say so.
  if (summary.error().code != ErrorCode::kUnavailable)
    throw std::runtime_error{"not summed up: " + summary.error().message};
  return -1;
}

void LettersWorld::until_total(std::int64_t letters, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto now = total();
    if (now == letters) return;
    if (now > letters || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"there are " + std::to_string(now) + " letters\n" + log_of()};
    pause();
  }
}

v1::DeadLetter LettersWorld::get(const Uuid& letter) {
  v1::GetDeadLetterRequest request;
  request.set_name("deadLetters/" + letter.str());
  const auto found = ask<v1::DeadLetter>(request);
  if (!found) throw std::runtime_error{"not read: " + found.error().message};
  return *found;
}

rpc::Answer<v1::DeadLetter> LettersWorld::read(const v1::GetDeadLetterRequest& request,
                                               const std::string& token) {
  auto shown = ask<v1::DeadLetter>(request, token);
  for (int times = 1; times < 5 && shown; ++times) {
    if (!shown->value().unreadable_because().starts_with("Kafka does not answer")) break;
    shown = ask<v1::DeadLetter>(request, token);
  }
  return shown;
}

std::vector<std::string> LettersWorld::dump() {
  return column(
      "SELECT line FROM (SELECT letter::text AS line FROM deadletters.letter UNION ALL "
      "SELECT decision::text FROM deadletters.decision UNION ALL "
      "SELECT letter_kind::text FROM deadletters.letter_kind) AS lines ORDER BY line");
}

}  // namespace bongsu::deadletters
