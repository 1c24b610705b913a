// What an operator asks for, and what is refused.

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>

#include <algorithm>

#include <gtest/gtest.h>
#include <support/letters/letters_world.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::Channel;

const std::string kJob = "019aa46b-a0f0-7000-8000-000000000001";
const Timestamp kNoon{std::chrono::milliseconds{1'763'694'000'000}};  // 2025-11-21T03:00:00Z

class Letters : public testing::Test {
 protected:
  Letters() { world_.start(); }

  /// 240 letters: a minute apart, of every mix of channel, reason and code.
  void publish_mixed() {
    constexpr std::array<std::string_view, 3> reasons{"timeout", "unavailable", "invalid_recipient"};
    constexpr std::array<std::string_view, 2> codes{"500", "503"};
    std::vector<kafka::Record> records;
    records.reserve(240);
    for (std::size_t i = 0; i < 240; ++i) {
      records.push_back(world_.record({.channel = events::kChannels.at(i % 4),
                                       .notification = world_.next_id(),
                                       .reason = std::string{reasons.at(i / 4 % 3)},
                                       .code = std::string{codes.at(i / 12 % 2)},
                                       .generation = static_cast<std::uint32_t>(i % 3),
                                       .job = i % 5 == 0 ? kJob : "",
                                       .recipient = i % 10 == 0 ? "hong@example.com" : "+821012345678",
                                       .died_at = kNoon + std::chrono::minutes{i}}));
    }
    world_.publish(std::move(records));
    world_.until_total(240);
  }

  /// What the filter gives is what of all letters agrees with it.
  void expect_equal(const v1::Filter& filter, const std::function<bool(const v1::DeadLetter&)>& agrees) {
    std::vector<std::string> expected;
    for (const auto& letter : all_) {
      if (agrees(letter)) expected.push_back(letter.name());
    }
    std::vector<std::string> found;
    for (const auto& letter : world_.list(filter, 7)) found.push_back(letter.name());
    EXPECT_FALSE(expected.empty()) << filter.ShortDebugString();
    EXPECT_EQ(found, expected) << filter.ShortDebugString();
    v1::SummarizeDeadLettersRequest request;
    *request.mutable_filter() = filter;
    const auto summary = world_.ask<v1::SummarizeDeadLettersResponse>(request);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->total_count(), static_cast<std::int64_t>(expected.size()));
  }

  template <class Response, class Request>
  rpc::Failure refusal(const Request& request, const std::string& token) {
    auto answer = world_.ask<Response>(request, token);
    if (answer) throw std::runtime_error{"it was not refused"};
    return answer.error();
  }

  LettersWorld world_;
  std::vector<v1::DeadLetter> all_;
};

TEST_F(Letters, EachFilterGivesWhatAgreesWithIt) {
  publish_mixed();
  all_ = world_.list();
  ASSERT_EQ(all_.size(), 240U);
  v1::Filter filter;
  filter.add_channels("KAKAO");
  expect_equal(filter, [](const auto& letter) { return letter.channel() == "KAKAO"; });
  filter.add_channels("SMS");
  filter.add_reasons("timeout");
  expect_equal(filter, [](const auto& letter) {
    return (letter.channel() == "KAKAO" || letter.channel() == "SMS") && letter.reason() == "timeout";
  });
  filter.add_provider_codes("503");
  expect_equal(filter, [](const auto& letter) {
    return (letter.channel() == "KAKAO" || letter.channel() == "SMS") && letter.reason() == "timeout" &&
           letter.provider_code() == "503";
  });
  filter.Clear();
  filter.set_job("jobs/" + kJob);
  expect_equal(filter, [](const auto& letter) { return letter.job() == "jobs/" + kJob; });
  filter.add_reasons("unavailable");
  expect_equal(filter,
               [](const auto& letter) { return !letter.job().empty() && letter.reason() == "unavailable"; });
  filter.Clear();
  filter.set_recipient(" HONG@example.com");
  expect_equal(filter, [](const auto& letter) { return letter.recipient().starts_with("h"); });
  filter.set_recipient("010-1234-5678");
  expect_equal(filter, [](const auto& letter) { return !letter.recipient().starts_with("h"); });
  filter.Clear();
  filter.set_min_replay_count(2);
  expect_equal(filter, [](const auto& letter) { return letter.replay_count() >= 2; });
  filter.Clear();
  const auto hour = kNoon + 1h;
  filter.mutable_from()->set_seconds(hour.time_since_epoch().count() / 1000);
  filter.mutable_to()->set_seconds((hour + 1h).time_since_epoch().count() / 1000);
  expect_equal(filter, [&](const auto& letter) {
    return letter.died_time().seconds() >= filter.from().seconds() &&
           letter.died_time().seconds() < filter.to().seconds();
  });
  filter.add_states(v1::DeadLetter::OPEN);
  filter.add_channels("EMAIL");
  expect_equal(filter, [&](const auto& letter) {
    return letter.channel() == "EMAIL" && letter.died_time().seconds() >= filter.from().seconds() &&
           letter.died_time().seconds() < filter.to().seconds();
  });
  filter.Clear();
  filter.set_notification_id(all_.front().notification_id());
  expect_equal(filter, [&](const auto& letter) { return letter.name() == all_.front().name(); });
}

TEST_F(Letters, TheSummaryAddsUpEachWay) {
  publish_mixed();
  const auto summary = world_.ask<v1::SummarizeDeadLettersResponse>(v1::SummarizeDeadLettersRequest{});
  ASSERT_TRUE(summary);
  const auto sum = [](const auto& counts) {
    std::int64_t all = 0;
    for (const auto& one : counts) all += one.count();
    return all;
  };
  EXPECT_EQ(sum(summary->channels()), 240);
  EXPECT_EQ(sum(summary->reasons()), 240);
  EXPECT_EQ(sum(summary->states()), 240);
  EXPECT_EQ(sum(summary->provider_codes()), 240);
  EXPECT_EQ(sum(summary->jobs()), 240);
  EXPECT_EQ(sum(summary->hours()), 240);
  EXPECT_EQ(summary->hours_size(), 4);
  EXPECT_EQ(summary->states(0).key(), "OPEN");
  EXPECT_EQ(summary->jobs(0).key(), "");
  EXPECT_EQ(summary->jobs(1).count(), 48);
}

TEST_F(Letters, PagesAreStableWhileLettersCome) {
  publish_mixed();
  all_ = world_.list();
  v1::ListDeadLettersRequest request;
  request.set_page_size(100);
  auto page = world_.ask<v1::ListDeadLettersResponse>(request);
  ASSERT_TRUE(page);
  std::vector<std::string> names;
  for (const auto& letter : page->dead_letters()) names.push_back(letter.name());
  world_.publish({world_.record({.notification = world_.next_id()})});
  world_.until_total(241);
  while (!page->next_page_token().empty()) {
    request.set_page_token(page->next_page_token());
    page = world_.ask<v1::ListDeadLettersResponse>(request);
    ASSERT_TRUE(page);
    for (const auto& letter : page->dead_letters()) names.push_back(letter.name());
  }
  std::vector<std::string> expected;
  for (const auto& letter : all_) expected.push_back(letter.name());
  EXPECT_EQ(names, expected);
  request.mutable_filter()->add_channels("SMS");
  EXPECT_EQ(
      refusal<v1::ListDeadLettersResponse>(request, world_.token({"deadletter.read"})).fields.front().field,
      "page_token");
}

TEST_F(Letters, IsMaskedUnlessTheRoleIsHeldAndRevealingIsLogged) {
  const auto notification = world_.next_id();
  const auto letter = events::letter_id(notification, 0);
  world_.publish({world_.record({.notification = notification, .code = "503"})});
  world_.until_total(1);
  v1::GetDeadLetterRequest request;
  request.set_name("deadLetters/" + letter.str());
  const auto masked = world_.read(request, world_.token({"deadletter.read"}));
  ASSERT_TRUE(masked) << masked.error().message;
  EXPECT_EQ(masked->ShortDebugString().find("비밀"), std::string::npos);
  EXPECT_EQ(masked->value().recipient().find("1234"), std::string::npos);
  EXPECT_FALSE(masked->value().revealed());
  EXPECT_FALSE(masked->value().hex().empty()) << "sealed bytes tell nothing";
  EXPECT_EQ(masked->error_message(), "no answer within 5 s");
  EXPECT_TRUE(std::ranges::any_of(masked->headers(), [](const v1::Header& header) {
    return header.name() == events::header::kReason && header.value() == "timeout";
  }));
  ASSERT_EQ(masked->history_size(), 1);
  EXPECT_EQ(masked->history(0).event(), "DIED");
  EXPECT_EQ(world_.log_of().find("deadletter.revealed"), std::string::npos);

  const auto shown =
      world_.read(request, world_.token({"deadletter.read", "deadletter.reveal"}, "auditor-7"));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->value().recipient(), "+821012345678");
  EXPECT_EQ(shown->value().content(), "비밀 인사");
  const auto log = world_.log_of();
  EXPECT_NE(log.find("deadletter.revealed subject=auditor-7 letter=" + letter.str()), std::string::npos)
      << log;
  EXPECT_EQ(log.find("비밀"), std::string::npos);
  EXPECT_EQ(log.find("1012345678"), std::string::npos);

  request.set_masked(true);
  const auto kept = world_.ask<v1::DeadLetter>(request);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->value().revealed());
}

TEST_F(Letters, PoisonIsListedShownAndDiscarded) {
  auto later = world_.record({.notification = world_.next_id()});
  set(later.headers, events::header::kType, "bongsu.notification.requested.v2");
  kafka::Record bare{.topic = world_.topics().dlq(Channel::kEmail), .value = "no headers"};
  kafka::Record tombstone{.topic = world_.topics().dlq(Channel::kSms), .null_value = true};
  std::string big(1UL << 20U, 'x');
  big[0] = '\0';
  big[1] = '\xFF';
  kafka::Record foreign{.topic = world_.topics().events_dlq(), .value = "{\"a\":1}"};
  world_.publish({later, bare, tombstone, foreign,
                  world_.undecodable(Channel::kKakao, big, 4, {{"odd", "\xFF\x01"}, {"odd", "again"}})});
  world_.until_total(5);
  v1::Filter filter;
  filter.add_reasons("undecodable");
  const auto found = world_.list(filter);
  ASSERT_EQ(found.size(), 4U);
  const auto poison = std::ranges::find(found, "KAKAO", &v1::DeadLetter::channel);
  ASSERT_NE(poison, found.end());
  v1::GetDeadLetterRequest request;
  request.set_name(poison->name());
  const auto hidden = world_.read(request, world_.token({"deadletter.read"}));
  ASSERT_TRUE(hidden);
  EXPECT_TRUE(hidden->value().hex().empty()) << "it may be somebody's clear text";
  const auto shown = world_.read(request, world_.operator_token());
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_EQ(shown->value().size_bytes(), 1 << 20);
  EXPECT_TRUE(shown->value().truncated());
  EXPECT_TRUE(shown->value().hex().starts_with("00ff7878"));
  EXPECT_TRUE(shown->value().text().starts_with("..xx"));
  EXPECT_FALSE(shown->value().unreadable_because().empty());
  EXPECT_EQ(shown->headers(0).value(), "\\xFF\\x01");
  for (const auto& letter : world_.list()) {
    request.set_name(letter.name());
    EXPECT_TRUE(world_.ask<v1::DeadLetter>(request)) << letter.ShortDebugString();
  }
  v1::DiscardDeadLettersRequest discard;
  *discard.mutable_filter() = filter;
  discard.set_reason("not ours");
  const auto discarded = world_.ask<v1::DiscardDeadLettersResponse>(discard);
  ASSERT_TRUE(discarded);
  EXPECT_EQ(discarded->discarded_count(), 4);
}

TEST_F(Letters, DiscardedTheyAreSoOnceWithTheirReason) {
  publish_mixed();
  all_ = world_.list();
  v1::DiscardDeadLettersRequest request;
  request.set_reason("asked by the customer");
  request.add_names(all_[0].name());
  request.add_names(all_[1].name());
  request.add_names(all_[0].name());
  const auto first = world_.ask<v1::DiscardDeadLettersResponse>(request);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->discarded_count(), 2);
  const auto again = world_.ask<v1::DiscardDeadLettersResponse>(request);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->discarded_count(), 0);
  EXPECT_EQ(again->skipped_count(), 2);
  v1::GetDeadLetterRequest get;
  get.set_name(all_[0].name());
  const auto shown = world_.ask<v1::DeadLetter>(get);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->state(), v1::DeadLetter::DISCARDED);
  ASSERT_EQ(shown->history_size(), 2);
  EXPECT_EQ(shown->history(1).event(), "DISCARDED");
  EXPECT_EQ(shown->history(1).actor(), "tester");
  EXPECT_EQ(shown->history(1).reason(), "asked by the customer");
  EXPECT_EQ(world_.kafka.read(world_.topics().dead_letter_event(), 2).size(), 2U);
}

TEST_F(Letters, WhatCannotBeDoneIsRefusedClearly) {
  world_.until_total(0);
  const auto reader = world_.token({"deadletter.read"});
  const auto operators = world_.token({"deadletter.read", "deadletter.replay"});
  v1::DiscardDeadLettersRequest discard;
  discard.mutable_filter()->add_channels("SMS");
  discard.set_reason("why not");
  EXPECT_EQ(refusal<v1::DiscardDeadLettersResponse>(discard, reader).reason, rpc::kPermissionDenied);
  EXPECT_EQ(refusal<v1::DiscardDeadLettersResponse>(discard, operators).reason, "nothing_matches");
  discard.clear_reason();
  EXPECT_EQ(refusal<v1::DiscardDeadLettersResponse>(discard, operators).fields.front().field, "reason");
  discard.set_reason("why not");
  discard.add_names("deadLetters/" + kJob);
  EXPECT_EQ(refusal<v1::DiscardDeadLettersResponse>(discard, operators).code, ErrorCode::kInvalidArgument);
  discard.clear_filter();
  EXPECT_EQ(refusal<v1::DiscardDeadLettersResponse>(discard, operators).code, ErrorCode::kNotFound);
  v1::GetDeadLetterRequest get;
  get.set_name("deadLetters/" + kJob);
  EXPECT_EQ(refusal<v1::DeadLetter>(get, reader).code, ErrorCode::kNotFound);
  get.set_name("7");
  EXPECT_EQ(refusal<v1::DeadLetter>(get, reader).code, ErrorCode::kInvalidArgument);
  v1::ListDeadLettersRequest list;
  EXPECT_EQ(refusal<v1::ListDeadLettersResponse>(list, world_.token({"job.read"})).reason,
            rpc::kPermissionDenied);
  list.mutable_filter()->add_reasons("bad_luck");
  EXPECT_EQ(refusal<v1::ListDeadLettersResponse>(list, reader).fields.front().field, "filter.reasons");
}

}  // namespace
}  // namespace bongsu::deadletters
