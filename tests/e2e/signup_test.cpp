#include "message_status.hpp"
#include "support/stack/stack.hpp"

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

TEST(Signup, BringsOneMailAndOneCouponAndCanBeFollowed) {
  Stack stack;
  for (const auto* service : {"gateway", "email", "coupon"}) stack.start(service);
  const auto answer = stack.sign_up("hong@example.com", "홍길동");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto data = answer.json().at("data");
  const std::string user{data.at("userId").as_string()};

  const auto mails = stack.mail.wait_for(1);
  EXPECT_NE(mails.front().header("To").find("hong@example.com"), std::string::npos);
  EXPECT_NE(mails.front().part("text/plain").find("홍길동"), std::string::npos);
  eventually("the coupon is there", [&] { return stack.coupons_of(user) == 1; });

  for (const auto& notification : data.at("notifications").as_array()) {
    const std::string id{notification.at("notificationId").as_string()};
    eventually("notification " + id + " is delivered", [&] { return status_of(stack, id) == "DELIVERED"; });
  }
}

TEST(Signup, ByAnotherServiceBecomesAMemberAndGetsItsMailAndCoupon) {
  Stack stack;
  for (const auto* service : {"gateway", "email", "coupon"}) stack.start(service);
  kafka::Record record;
  record.topic = stack.topic("user.signed-up");
  record.key = "shop-7";
  record.value = R"({"userId":"shop-7","email":"up@example.com","name":"Upstream","signedUpAt":")" +
                 to_rfc3339(SystemClock{}.now()) + R"(","extra":{"ignored":true}})";
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", "e-1"},
                    {"ce_source", "/shop"},
                    {"ce_type", "bongsu.user.signed_up.v1"},
                    {"content-type", "application/json"}};
  stack.kafka.produce({record});
  EXPECT_NE(stack.mail.wait_for(1).front().header("To").find("up@example.com"), std::string::npos);
  eventually("the coupon is there", [&] { return stack.coupons_of("shop-7") == 1; });
  // Who signs up before would take the address.
  eventually("the member is there", [&] {
    return stack.count("SELECT count(*) FROM gateway.member WHERE user_id = 'shop-7'") == 1;
  });
  EXPECT_EQ(stack.sign_up("up@example.com", "Again").status, 409);
}

TEST(Messages, AMailIsDeliveredAndKakaoWaitsOnItsTopic) {
  Stack stack;
  for (const auto* service : {"gateway", "email"}) stack.start(service);
  const auto mail = stack.post("/api/messages", R"({"clientMessageId":"c-1","channel":"EMAIL",
      "recipient":"hong@example.com","subject":"안내","content":"봉수"})");
  ASSERT_EQ(mail.status, 202) << mail.body;
  const std::string id{mail.json().at("data").at("messageId").as_string()};
  EXPECT_NE(stack.mail.wait_for(1).front().part("text/plain").find("봉수"), std::string::npos);
  eventually("the message is delivered", [&] { return status_of(stack, id) == "DELIVERED"; });

  const auto kakao = stack.post("/api/messages", R"({"clientMessageId":"c-2","channel":"KAKAO",
      "recipient":"010-1234-5678","content":"봉수"})");
  ASSERT_EQ(kakao.status, 202) << kakao.body;
  EXPECT_EQ(stack.kafka.read(stack.topic("kakao.request"), 1).size(), 1U);
}

TEST(Messages, AMailThatIsRefusedDiesWithItsReasonAndOneThatIsDeferredWalksTheTiers) {
  Stack stack;
  stack.environment["MESSAGE_RETRY_BACKOFF_DELAY"] = "10";
  for (const auto* service : {"gateway", "email"}) stack.start(service);
  const auto send = [&](const std::string& key, const std::string& recipient) {
    const auto answer =
        stack.post("/api/messages", R"({"clientMessageId":")" + key + R"(","channel":"EMAIL","recipient":")" +
                                        recipient + R"(","subject":"s","content":"c"})");
    EXPECT_EQ(answer.status, 202) << answer.body;
    return std::string{answer.json().at("data").at("messageId").as_string()};
  };
  const auto bounced = send("b", "bounce-a@example.com");
  const auto deferred = send("d", "defer-a@example.com");
  const auto letters = stack.kafka.read(stack.topic("email.dlq"), 2, std::chrono::seconds{60});
  std::map<std::string, std::string> attempts;
  for (const auto& letter : letters) {
    attempts[std::string{find(letter.headers, "bongsu-reason").value_or("")}] =
        find(letter.headers, "bongsu-attempt").value_or("");
  }
  EXPECT_EQ(attempts["invalid_recipient"], "1");
  EXPECT_EQ(attempts["unavailable"], "3");
  for (const auto& id : {bounced, deferred}) {
    eventually("the message has failed", [&] { return status_of(stack, id) == "FAILED"; });
  }
}

TEST(Undecodable, GoesToBothDeadLetterTopicsWithItsBytesAndBlocksNobody) {
  Stack stack;
  for (const auto* service : {"gateway", "email", "coupon"}) stack.start(service);
  kafka::Record bad;
  bad.topic = stack.topic("user.signed-up");
  bad.partition = 0;
  bad.key = "k";
  bad.value = std::string(1024 * 1024 - 512, '\xFF');
  bad.headers = {{"ce_specversion", "1.0"},
                 {"ce_type", "bongsu.user.signed_up.v1"},
                 {"content-type", "application/protobuf"}};
  auto empty = bad;
  empty.value = "";
  auto headless = bad;
  headless.value = "{}";
  headless.headers.clear();
  const std::vector<kafka::Record> sent{bad, empty, headless};
  stack.kafka.produce(sent);
  for (const auto* topic : {"email.dlq", "coupon.dlq"}) {
    const auto letters = stack.kafka.read(stack.topic(topic), 3);
    ASSERT_EQ(letters.size(), 3U) << topic;
    std::multiset<std::string> values;
    for (const auto& letter : letters) {
      EXPECT_EQ(find(letter.headers, "bongsu-reason"), "undecodable");
      EXPECT_EQ(find(letter.headers, "__dlq.errors.topic"), bad.topic);
      values.insert(letter.value.value_or(""));
    }
    EXPECT_EQ(values, (std::multiset<std::string>{bad.value, "", "{}"})) << topic;
  }
  ASSERT_EQ(stack.sign_up("after@example.com", "After").status, 201);
  EXPECT_EQ(stack.mail.wait_for(1).size(), 1U);
}

}  // namespace
}  // namespace bongsu::support
