#include "rest_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

std::string mail(const std::string& id, const std::string& content = "hello") {
  return R"({"clientMessageId":")" + id + R"(","channel":"EMAIL","recipient":"a@example.com","content":")" +
         content + "\"}";
}

std::string batch(const std::vector<std::string>& messages) {
  std::string body = R"({"messages":[)";
  for (const auto& message : messages) body += (body.back() == '[' ? "" : ",") + message;
  return body + "]}";
}

std::string code_of(const boost::json::value& item) {
  return std::string{item.at("error").at("code").as_string()};
}

TEST(Batch, AThousandMessagesAreStoredTogether) {
  RestWorld world;
  std::vector<std::string> messages;
  for (int i = 0; i < 1000; ++i) messages.push_back(mail("m" + std::to_string(i)));
  const auto answer = world.post("/api/messages/batch", batch(messages));
  ASSERT_EQ(answer.status, 202);
  EXPECT_EQ(answer.data().at("accepted").as_int64(), 1000);
  const auto& items = answer.data().at("items").as_array();
  EXPECT_EQ(items.at(999).at("clientMessageId").as_string(), "m999");
  EXPECT_EQ(items.at(999).at("status").as_string(), "ACCEPTED");
  EXPECT_EQ(world.count("message"), 1000);
  EXPECT_EQ(world.count("outbox"), 1000);
  EXPECT_EQ(world.column("SELECT count(DISTINCT xid)::text FROM outbox").at(0), "1");
}

TEST(Batch, EachMessageHasAnAnswerOfItsOwn) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/messages", mail("known")).status, 202);
  const auto answer = world.post(
      "/api/messages/batch",
      batch(
          {mail("known"), mail("known", "other"), mail("new"), mail("new"), mail("new", "other"),
           R"({"clientMessageId":"bad","channel":"SMS","recipient":"12","content":"c","extra":1})",
           R"({"clientMessageId":"late","channel":"SMS","recipient":"010-1234-5678","content":"c","expiresAt":"2020-01-01T00:00:00Z"})"}));
  ASSERT_EQ(answer.status, 202);
  EXPECT_EQ(answer.data().at("accepted").as_int64(), 3);
  const auto& items = answer.data().at("items").as_array();
  EXPECT_EQ(items.at(0).at("status").as_string(), "ACCEPTED");
  EXPECT_EQ(code_of(items.at(1)), "idempotency_conflict");
  EXPECT_EQ(items.at(2).at("messageId"), items.at(3).at("messageId"));
  EXPECT_EQ(code_of(items.at(4)), "idempotency_conflict");
  EXPECT_EQ(code_of(items.at(5)), "invalid_request");
  EXPECT_EQ(items.at(5).at("clientMessageId").as_string(), "bad");
  EXPECT_EQ(items.at(5).at("error").at("errors").as_array().size(), 2U);
  EXPECT_EQ(items.at(6).at("error").at("errors").as_array().at(0).at("code").as_string(), "in_the_past");
  EXPECT_EQ(world.count("message"), 2);
}

TEST(Batch, AKeyRepeatsTheWholeAnswer) {
  RestWorld world;
  const auto body = batch({mail("a"), R"({"clientMessageId":"bad"})"});
  const auto first = world.post("/api/messages/batch", body, {"Idempotency-Key: k"});
  const auto again = world.post("/api/messages/batch", body, {"Idempotency-Key: k"});
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.data(), first.data());
  EXPECT_TRUE(again.has_header("idempotent-replayed: true"));
  EXPECT_EQ(world.post("/api/messages/batch", batch({mail("b")}), {"Idempotency-Key: k"}).status, 422);
  EXPECT_EQ(world.count("message"), 1);
}

}  // namespace
}  // namespace bongsu::gateway
