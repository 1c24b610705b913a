#include "message_status.hpp"
#include "support/stack/stack.hpp"

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

std::string text_at(const Answer& answer, std::string_view name) {
  return std::string{answer.json().at("data").at(name).as_string()};
}

TEST(Providers, KakaoAndSmsArriveAtTheirProvidersAndAreDelivered) {
  Stack stack;
  stack.launch("kakao");
  stack.launch("sms");
  stack.start("gateway");
  stack.wait_ready("kakao");
  stack.wait_ready("sms");
  for (const auto& [channel, name] : {std::pair{"KAKAO", "kakao"}, {"SMS", "sms"}}) {
    const auto accepted =
        stack.post("/api/messages", std::string{R"({"clientMessageId":"m-)"} + name + R"(","channel":")" +
                                        channel + R"(","recipient":"010-1234-5678","content":"안녕"})");
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    const auto id = text_at(accepted, "messageId");
    eventually(std::string{name} + " is delivered; its log:\n" + stack.log_of(name),
               [&] { return status_of(stack, id) == "DELIVERED"; });
    const auto seen = stack.simulator().messages(name);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].content, "안녕");
    EXPECT_EQ(seen[0].status, 200);
    EXPECT_FALSE(seen[0].idempotency_key.empty());
  }
}

}  // namespace
}  // namespace bongsu::support
