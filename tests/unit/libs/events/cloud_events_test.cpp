#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/progress.hpp>

#include <gmock/gmock.h>

namespace bongsu::events {
namespace {

using testing::HasSubstr;
using testing::Not;

Headers good() {
  return {{"ce_specversion", "1.0"},
          {"ce_id", "e-1"},
          {"ce_source", "/shop"},
          {"ce_type", std::string{type::kUserSignedUp}},
          {"content-type", "application/json"}};
}

Headers without(std::string_view name) {
  auto headers = good();
  std::erase_if(headers, [&](const Header& header) { return header.name == name; });
  return headers;
}

Headers with(std::string_view name, std::string value) {
  auto headers = good();
  set(headers, name, std::move(value));
  return headers;
}

TEST(CloudEvents, ComeBackAsTheyWereWritten) {
  SeededRandom random{1};
  const auto trace = TraceContext::start(random);
  const auto headers = make_headers({.id = "e-1",
                                     .source = "/bongsu/gateway",
                                     .type = std::string{type::kDeliveryResult},
                                     .time = Timestamp{std::chrono::milliseconds{1'700'000'000'123}},
                                     .content_type = ContentType::kProtobuf,
                                     .trace = trace});
  EXPECT_EQ(find(headers, "ce_time"), "2023-11-14T22:13:20.123Z");
  const auto read = read_headers(headers, type::kDeliveryResult);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, "e-1");
  EXPECT_EQ(read->source, "/bongsu/gateway");
  EXPECT_EQ(read->content_type, ContentType::kProtobuf);
  EXPECT_EQ(read->time, Timestamp{std::chrono::milliseconds{1'700'000'000'123}});
  ASSERT_TRUE(read->trace);
  EXPECT_EQ(read->trace->traceparent(), trace.traceparent());
}

TEST(CloudEvents, AreUndecodableWithoutVersionTypeOrContentType) {
  for (const auto* name : {"ce_specversion", "ce_type", "content-type"}) {
    for (const auto& headers : {without(name), with(name, "wrong/secret"), with(name, "")}) {
      const auto read = read_headers(headers, type::kUserSignedUp);
      ASSERT_FALSE(read) << name;
      EXPECT_EQ(read.error().detail, "undecodable");
      EXPECT_THAT(read.error().message, HasSubstr(name));
      EXPECT_THAT(read.error().message, Not(HasSubstr("secret")));
    }
  }
}

TEST(CloudEvents, AreReadWithoutIdSourceTimeAndTrace) {
  for (const auto* name : {"ce_id", "ce_source"}) EXPECT_TRUE(read_headers(without(name), {})) << name;
  const auto read = read_headers(with("ce_time", "yesterday"), type::kUserSignedUp);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->time, std::nullopt);
  EXPECT_TRUE(read_headers(with("traceparent", "00-zz"), type::kUserSignedUp));
  EXPECT_EQ(read_headers(with("ce_id", "\xff"), type::kUserSignedUp)->id, "");
}

TEST(CloudEvents, TakeAMediaTypeWithParametersInAnyCase) {
  EXPECT_EQ(read_headers(with("content-type", "Application/JSON; charset=utf-8"), {})->content_type,
            ContentType::kJson);
}

TEST(Progress, ComesBackAsItWasWrittenAndIsNeverPiledUp) {
  const Progress progress{.generation = 2,
                          .attempt = 3,
                          .round = 1,
                          .due_at = Timestamp{std::chrono::milliseconds{5000}},
                          .first_failed_at = Timestamp{std::chrono::milliseconds{4000}}};
  auto headers = good();
  write(headers, Progress{.due_at = Timestamp{std::chrono::milliseconds{1}}});
  write(headers, progress);
  EXPECT_EQ(read_progress(headers), progress);
  EXPECT_EQ(headers.size(), good().size() + 5);

  write(headers, Progress{});
  EXPECT_EQ(read_progress(headers), Progress{});
  EXPECT_EQ(find(headers, header::kDueAt), std::nullopt);
}

TEST(Progress, RefusesWhatIsNoProgress) {
  for (const auto& [name, value] : Headers{{"bongsu-attempt", "0"},
                                           {"bongsu-attempt", "two"},
                                           {"bongsu-generation", "-1"},
                                           {"bongsu-round", "1 "},
                                           {"bongsu-due-at", "soon"}}) {
    const auto read = read_progress({{name, value}});
    ASSERT_FALSE(read) << name << "=" << value;
    EXPECT_THAT(read.error().message, HasSubstr(name));
  }
}

TEST(Progress, IsOrderedByGenerationThenAttemptThenRound) {
  const Progress first{.generation = 0, .attempt = 3, .round = 9};
  const Progress replayed{.generation = 1, .attempt = 1, .round = 0};
  EXPECT_TRUE(compare(first, replayed) < 0);
  EXPECT_TRUE(compare({.attempt = 2}, {.attempt = 2, .round = 1}) < 0);
  EXPECT_TRUE(compare(first, first) == 0);
}

TEST(Death, ComesBackAsItWasWritten) {
  Death death{.reason = "timeout",
              .provider_code = "504",
              .topic = "bongsu.sms.retry.5m",
              .partition = 3,
              .offset = 42,
              .group = "bongsu.sms",
              .tries = 9,
              .message = "the provider did not answer within 5 s"};
  Headers headers;
  write(headers, death);
  EXPECT_EQ(read_death(headers), death);
  death.provider_code.clear();
  write(headers, death);
  EXPECT_EQ(read_death(headers), death);
  EXPECT_FALSE(read_death({}));
}

}  // namespace
}  // namespace bongsu::events
