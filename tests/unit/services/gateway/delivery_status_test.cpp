#include "delivery_status.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using Wire = events::v1::DeliveryResult;

const Uuid kId = *Uuid::parse("01936f00-0000-8000-8000-000000000001");
const Uuid kOther = *Uuid::parse("01936f00-0000-8000-8000-000000000002");

Attempt ended(Outcome outcome, std::string reason = "", std::uint32_t attempt = 1,
              std::uint32_t generation = 0, Uuid id = kId) {
  Attempt made;
  made.notification_id = id;
  made.generation = generation;
  made.attempt = attempt;
  made.time = Timestamp{std::chrono::seconds{generation * 100 + attempt}};
  made.outcome = outcome;
  made.reason = std::move(reason);
  made.tries = 1;
  return made;
}

std::string told(const std::vector<Attempt>& attempts, Progress progress = Progress::kPublished) {
  const auto summary = summarise(kId, progress, attempts);
  return std::string{name_of(summary.status)} + " " + std::to_string(summary.attempts) + " " +
         summary.last_error;
}

TEST(DeliveryStatus, BeforeAnyResultTheOutboxTells) {
  EXPECT_EQ(told({}, Progress::kWaiting), "ACCEPTED 0 ");
  EXPECT_EQ(told({}, Progress::kPublished), "PUBLISHED 0 ");
  EXPECT_EQ(told({}, Progress::kRefused), "FAILED 0 invalid_request");
}

TEST(DeliveryStatus, EachOutcomeHasItsWord) {
  EXPECT_EQ(told({ended(Wire::DELIVERED)}), "DELIVERED 1 ");
  EXPECT_EQ(told({ended(Wire::DEAD, "invalid_recipient")}), "FAILED 1 invalid_recipient");
  EXPECT_EQ(told({ended(Wire::SUPPRESSED)}), "SUPPRESSED 0 ");
  EXPECT_EQ(told({ended(Wire::UNKNOWN, "unknown_outcome")}), "UNKNOWN 1 unknown_outcome");
  EXPECT_EQ(told({ended(Wire::HELD)}), "PUBLISHED 0 ");
}

TEST(DeliveryStatus, WhileItIsTriedAgainItIsPublished) {
  EXPECT_EQ(told({ended(Wire::RETRYING, "timeout", 1), ended(Wire::RETRYING, "unavailable", 2)}),
            "PUBLISHED 2 unavailable");
  EXPECT_EQ(told({ended(Wire::DEAD, "timeout", 3), ended(Wire::RETRYING, "unavailable", 1)}),
            "FAILED 2 timeout");
}

TEST(DeliveryStatus, DeliveredIsDeliveredWheneverItIsTold) {
  EXPECT_EQ(told({ended(Wire::DELIVERED, "", 1), ended(Wire::RETRYING, "timeout", 2)}),
            "DELIVERED 2 timeout");
}

TEST(DeliveryStatus, AReplayHasTheLastWord) {
  EXPECT_EQ(told({ended(Wire::DEAD, "timeout", 3, 0), ended(Wire::RETRYING, "unavailable", 1, 1)}),
            "PUBLISHED 2 unavailable");
  EXPECT_EQ(told({ended(Wire::DEAD, "timeout", 3, 0), ended(Wire::DELIVERED, "", 1, 1)}),
            "DELIVERED 2 timeout");
}

TEST(DeliveryStatus, AFallbackHasTheLastWord) {
  auto fell_back = ended(Wire::FELL_BACK, "unavailable");
  fell_back.fallback = kOther;
  EXPECT_EQ(told({fell_back}), "PUBLISHED 1 unavailable");
  EXPECT_EQ(told({fell_back, ended(Wire::DEAD, "rate_limited", 1, 0, kOther)}), "FAILED 2 rate_limited");
  EXPECT_EQ(told({fell_back, ended(Wire::DELIVERED, "", 1, 0, kOther)}), "DELIVERED 2 unavailable");
}

TEST(DeliveryStatus, ForgedResultsThatPointAtEachOtherEnd) {
  auto there = ended(Wire::FELL_BACK, "timeout");
  there.fallback = kOther;
  auto back = ended(Wire::FELL_BACK, "timeout", 1, 0, kOther);
  back.fallback = kId;
  EXPECT_EQ(told({there, back}), "PUBLISHED 2 timeout");
}

}  // namespace
}  // namespace bongsu::gateway
