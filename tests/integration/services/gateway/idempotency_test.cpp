#include "rest_world.hpp"

#include <bongsu/postgres/session.hpp>

#include <set>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

constexpr int kClients = 64;

std::string message(const std::string& id, const std::string& content = "hello") {
  return R"({"clientMessageId":")" + id + R"(","channel":"EMAIL","recipient":"a@example.com","content":")" +
         content + "\"}";
}
std::string message_until(const std::string& id, const std::string& expires_at) {
  return R"({"clientMessageId":")" + id +
         R"(","channel":"EMAIL","recipient":"a@example.com","content":"c","expiresAt":")" + expires_at +
         "\"}";
}
std::string signup(const std::string& email) { return R"({"email":")" + email + R"(","name":"A"})"; }

std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }

/// How many of the answers say that they are another's.
long replayed(const std::vector<Answer>& answers) {
  return std::count_if(answers.begin(), answers.end(),
                       [](const Answer& a) { return a.has_header("idempotent-replayed: true"); });
}

/// What another replica would be.
asio::awaitable<std::shared_ptr<postgres::Session>> connect_to(RestWorld& world) {
  auto session = co_await postgres::connect(world.executor(), world.database().settings());
  if (!session) throw std::runtime_error{session.error().message};
  co_return std::make_shared<postgres::Session>(std::move(*session));
}

TEST(Idempotency, AClientMessageIdFrom64ClientsAtOnceIsOneMessageAndOneAnswer) {
  RestWorld world;
  const auto answers = world.post_at_once("/api/messages", std::vector<std::string>(kClients, message("m")));
  std::set<std::string> ids;
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.status, 202);
    ids.insert(text(answer.data().at("messageId")));
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(replayed(answers), kClients - 1);
  EXPECT_EQ(world.count("message"), 1);
  EXPECT_EQ(world.count("outbox"), 1);
}

TEST(Idempotency, AKeyFrom64ClientsAtOnceIsOneMemberAndOneAnswer) {
  RestWorld world;
  const auto answers = world.post_at_once(
      "/api/signup", std::vector<std::string>(kClients, signup("a@example.com")), {"Idempotency-Key: once"});
  std::set<std::string> ids;
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.status, 201);
    ids.insert(text(answer.data().at("userId")));
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(replayed(answers), kClients - 1);
  EXPECT_EQ(world.count("member"), 1);
  EXPECT_EQ(world.count("outbox"), 1);
}

TEST(Idempotency, WithoutAKeyOneOf64GetsTheAddress) {
  RestWorld world;
  const auto answers =
      world.post_at_once("/api/signup", std::vector<std::string>(kClients, signup("a@example.com")));
  const auto created =
      std::count_if(answers.begin(), answers.end(), [](const Answer& a) { return a.status == 201; });
  const auto taken = std::count_if(answers.begin(), answers.end(),
                                   [](const Answer& a) { return a.code() == "email_taken"; });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(taken, kClients - 1);
  EXPECT_EQ(world.count("outbox"), 1);
}

TEST(Idempotency, AnotherBodyUnderAKeyIsAConflict) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/messages", message("m")).status, 202);
  EXPECT_EQ(world.post("/api/messages", message("m", "other")).status, 422);
  ASSERT_EQ(world.post("/api/messages", message("n"), {"Idempotency-Key: k"}).status, 202);
  EXPECT_EQ(world.post("/api/messages", message("o"), {"Idempotency-Key: k"}).code(), "idempotency_conflict");
  ASSERT_EQ(world.post("/api/signup", signup("a@example.com"), {"Idempotency-Key: k"}).status, 201);
  EXPECT_EQ(world.post("/api/signup", signup("b@example.com"), {"Idempotency-Key: k"}).status, 422);
  EXPECT_EQ(world.count("message"), 2);
  EXPECT_EQ(world.count("member"), 1);
  EXPECT_EQ(world.count("outbox"), 3);
}

TEST(Idempotency, AKeyBelongsToTheBodyThatItWasAnsweredFor) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/messages", message("m")).status, 202);
  EXPECT_TRUE(
      world.post("/api/messages", message("m"), {"Idempotency-Key: k"}).has_header("idempotent-replayed"));
  EXPECT_EQ(world.post("/api/messages", message("n"), {"Idempotency-Key: k"}).status, 422);
}

TEST(Idempotency, KeysAreTheirCallersOwn) {
  RestWorld world;
  const auto other = "Authorization: Bearer " + world.token("another", {"message.send"});
  ASSERT_EQ(world.post("/api/messages", message("m")).status, 202);
  EXPECT_EQ(world.post("/api/messages", message("m", "other"), {other}).status, 202);
  EXPECT_EQ(world.count("message"), 2);
}

TEST(Idempotency, AnExpiredMessageIsAnsweredAsItWasBefore) {
  RestWorld world;
  const auto at = to_rfc3339(world.clock().now() + std::chrono::minutes{5});
  const auto body = message_until("m", at);
  const auto first = world.post("/api/messages", body);
  ASSERT_EQ(first.status, 202);
  world.clock().leap(std::chrono::minutes{10});
  const auto late = world.post("/api/messages", message_until("n", at));
  EXPECT_EQ(late.error_of("expiresAt"), "in_the_past");
  const auto again = world.post("/api/messages", body);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.data(), first.data());
}

TEST(Idempotency, AKeyThatAnotherReplicaHoldsIsInProgress) {
  RestWorld world{"127.0.0.1:1", std::chrono::milliseconds{100}};
  const auto key = world.rest().fingerprints().key("tester", "client-message-id", "m");
  auto other = world.run(connect_to(world));
  ASSERT_TRUE(world.run(other->begin()));
  ASSERT_TRUE(world.run(other->query("INSERT INTO idempotency_key (key, body, id) VALUES ($1, $1, $1)",
                                     postgres::Params::of(key))));
  const auto answers = world.post_at_once("/api/messages", {message("m"), message("n"), message("o")});
  EXPECT_EQ(answers[0].status, 409);
  EXPECT_EQ(answers[0].code(), "in_progress");
  EXPECT_TRUE(answers[0].has_header("retry-after: "));
  EXPECT_EQ(answers[1].status, 202);
  EXPECT_EQ(answers[2].status, 202);
  // It gives up: the key is free again, and the request that was told to come again is the first.
  ASSERT_TRUE(world.run(other->rollback()));
  EXPECT_EQ(world.post("/api/messages", message("m")).status, 202);
  world.on_thread([&] { other.reset(); });
}

TEST(GroupCommit, ATakenAddressFailsItsOwnRequestOnly) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup("taken@example.com")).status, 201);
  std::vector<std::string> bodies;
  for (int i = 0; i < kClients; ++i) {
    bodies.push_back(signup(i % 8 == 0 ? "TAKEN@example.com" : "m" + std::to_string(i) + "@example.com"));
  }
  const auto answers = world.post_at_once("/api/signup", bodies);
  for (int i = 0; i < kClients; ++i)
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].status, i % 8 == 0 ? 409 : 201) << i;
  EXPECT_EQ(world.count("member"), 1 + kClients - kClients / 8);
}

TEST(GroupCommit, AKnownKeyFailsItsOwnRequestOnly) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup("first@example.com"), {"Idempotency-Key: k"}).status, 201);
  std::vector<std::future<Answer>> asked;
  for (int i = 0; i < kClients; ++i) {
    asked.push_back(std::async(std::launch::async, [&world, i] {
      const auto key = i == 20 ? std::string{"k"} : "k" + std::to_string(i);
      return world.post("/api/signup", signup("m" + std::to_string(i) + "@example.com"),
                        {"Idempotency-Key: " + key});
    }));
  }
  for (int i = 0; i < kClients; ++i)
    EXPECT_EQ(asked[static_cast<std::size_t>(i)].get().status, i == 20 ? 422 : 201) << i;
  EXPECT_EQ(world.count("member"), kClients);
  EXPECT_EQ(world.count("idempotency_key"), kClients);
  EXPECT_EQ(world.count("outbox"), kClients);
}

}  // namespace
}  // namespace bongsu::gateway
