#include "new_job.hpp"

#include <gtest/gtest.h>

namespace bongsu::jobs {
namespace {

v1::CreateJobRequest good() {
  v1::CreateJobRequest request;
  request.mutable_job()->set_age_group("TWENTIES");
  request.mutable_job()->set_message("안녕하세요, {{name}}님");
  return request;
}

std::vector<std::string> wrong(const v1::CreateJobRequest& request) {
  const auto read = read_new_job(request);
  std::vector<std::string> found;
  if (read) return found;
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  for (const auto& field : read.error().fields) found.push_back(field.field + " " + field.reason);
  return found;
}

using Wrong = std::vector<std::string>;

TEST(NewJob, WhatIsLeftOutHasItsDefault) {
  const auto job = read_new_job(good());
  ASSERT_TRUE(job);
  EXPECT_EQ(job->channel, events::Channel::kKakao);
  EXPECT_EQ(job->fallback, events::Channel::kSms);
  EXPECT_EQ(job->purpose, "TRANSACTIONAL");
  EXPECT_FALSE(job->request_id);
  EXPECT_FALSE(job->total);
  auto sms = good();
  sms.mutable_job()->set_channel("SMS");
  EXPECT_FALSE(read_new_job(sms)->fallback);
  sms.mutable_job()->set_fallback("NONE");
  EXPECT_FALSE(read_new_job(sms)->fallback);
}

TEST(NewJob, EveryFieldThatIsWrongIsNamed) {
  EXPECT_EQ(wrong(good()), Wrong{});
  EXPECT_EQ(wrong({}), (Wrong{"job required", "job.age_group unknown_age_group", "job.message required"}));
  auto bad = good();
  bad.mutable_job()->set_age_group("twenties");
  bad.mutable_job()->set_channel("COUPON");
  bad.mutable_job()->set_fallback("KAKAO");
  bad.set_purpose("MARKTING");
  bad.set_request_id("a b");
  bad.set_total_count(-1);
  EXPECT_EQ(wrong(bad), (Wrong{"job.age_group unknown_age_group", "job.channel unknown_channel",
                               "job.fallback unknown_fallback", "purpose unknown_purpose",
                               "request_id malformed", "total_count out_of_range"}));
}

TEST(NewJob, TheMessageHasItsBounds) {
  auto request = good();
  const auto with = [&](std::string text) {
    request.mutable_job()->set_message(std::move(text));
    return wrong(request);
  };
  std::string long_one;
  for (int i = 0; i < 10'000; ++i) long_one += "가";
  EXPECT_EQ(with(long_one), Wrong{});
  EXPECT_EQ(with(long_one + "가"), Wrong{"job.message too_long"});
  EXPECT_EQ(with(""), Wrong{"job.message required"});
  EXPECT_EQ(with("Hi {{nmae}}"), Wrong{"job.message unknown_placeholder"});
  EXPECT_EQ(with(std::string{"a\0b", 3}), Wrong{"job.message invalid_characters"});
}

TEST(NewJob, AFallbackToTheSameChannelAndASubjectForAPhoneAreRefused) {
  auto request = good();
  request.mutable_job()->set_channel("SMS");
  request.mutable_job()->set_fallback("SMS");
  request.mutable_job()->set_subject("제목");
  EXPECT_EQ(wrong(request), (Wrong{"job.fallback fallback_is_channel", "job.subject not_for_this_channel"}));
}

TEST(NewJob, TwoRequestsAreTheSameWhateverTheGatewayCounted) {
  auto first = good();
  first.set_request_id("1");
  auto again = first;
  again.set_total_count(7);
  again.mutable_as_of()->set_seconds(1);
  EXPECT_EQ(body_of(first), body_of(again));
  again.set_hold(true);
  EXPECT_NE(body_of(first), body_of(again));
}

TEST(Names, AreJobsAndAUuid) {
  const auto id = *Uuid::parse("01936f00-0000-7000-8000-000000000001");
  EXPECT_EQ(*read_name(name_of_job(id)), id);
  for (const auto* bad : {"", "jobs/", "jobs/7", "01936f00-0000-7000-8000-000000000001", "replays/x"})
    EXPECT_EQ(read_name(bad, "parent").error().fields.at(0).field, "parent");
}

}  // namespace
}  // namespace bongsu::jobs
