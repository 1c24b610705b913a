#include "bulk/bulk_order.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using events::Channel;

BulkDraft good() {
  return {.age_group = "TWENTIES",
          .message = "{{name}}님, 안녕하세요",
          .channel = {},
          .fallback = {},
          .purpose = {}};
}

/// "field code" of the only error; "ok" without any.
std::string verdict(BulkDraft draft) {
  FieldErrors errors;
  check(std::move(draft), errors);
  if (errors.none()) return "ok";
  EXPECT_EQ(errors.all().size(), 1U);
  return errors.all().front().field + " " + errors.all().front().code;
}

TEST(BulkOrder, GoesByKakaoAndFallsBackToSmsUnlessItSaysOtherwise) {
  FieldErrors errors;
  const auto order = check(good(), errors);
  EXPECT_TRUE(errors.none());
  EXPECT_EQ(order.channel, Channel::kKakao);
  EXPECT_EQ(order.fallback, Channel::kSms);
  EXPECT_EQ(order.purpose, events::Purpose::kTransactional);
  auto sms = good();
  sms.channel = "SMS";
  EXPECT_FALSE(check(std::move(sms), errors).fallback);
  auto alone = good();
  alone.fallback = "NONE";
  EXPECT_FALSE(check(std::move(alone), errors).fallback);
  EXPECT_TRUE(errors.none());
}

TEST(BulkOrder, EachRuleIsToldByItsField) {
  const auto with = [](auto change) {
    auto draft = good();
    change(draft);
    return verdict(std::move(draft));
  };
  EXPECT_EQ(with([](auto& d) { d.age_group.reset(); }), "ageGroup required");
  EXPECT_EQ(with([](auto& d) { d.age_group = "CHILDREN"; }), "ageGroup invalid_value");
  EXPECT_EQ(with([](auto& d) { d.message = ""; }), "message required");
  EXPECT_EQ(with([](auto& d) { d.message = " \n "; }), "message required");
  EXPECT_EQ(with([](auto& d) { d.message = std::string(10'000, 'x'); }), "ok");
  EXPECT_EQ(with([](auto& d) { d.message = std::string(10'001, 'x'); }), "message too_long");
  EXPECT_EQ(with([](auto& d) { d.message = "{{phone}}"; }), "message unknown_placeholder");
  EXPECT_EQ(with([](auto& d) { d.channel = "COUPON"; }), "channel invalid_value");
  EXPECT_EQ(with([](auto& d) { d.fallback = "EMAIL"; }), "fallback invalid_value");
  EXPECT_EQ(with([](auto& d) {
              d.channel = "EMAIL";
              d.fallback = "SMS";
            }),
            "fallback not_allowed");
  EXPECT_EQ(with([](auto& d) { d.purpose = ""; }), "purpose invalid_value");
  EXPECT_EQ(with([](auto& d) { d.purpose = "MARKTING"; }), "purpose invalid_value");
}

TEST(BulkOrder, OrdersForTheSameHaveTheSameFingerprint) {
  FieldErrors errors;
  auto spelled = good();
  spelled.channel = "KAKAO";
  spelled.fallback = "SMS";
  spelled.purpose = "TRANSACTIONAL";
  EXPECT_EQ(fingerprint(check(good(), errors)), fingerprint(check(std::move(spelled), errors)));
  auto other = good();
  other.fallback = "NONE";
  EXPECT_NE(fingerprint(check(good(), errors)), fingerprint(check(std::move(other), errors)));
}

}  // namespace
}  // namespace bongsu::gateway
