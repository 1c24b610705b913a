#include "rest_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

std::string signup(int number) {
  return R"({"email":"m)" + std::to_string(number) + R"(@example.com","name":"A"})";
}

/// Until a signup is taken again.
bool recovers(RestWorld& world) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  int number = 1000;
  while (std::chrono::steady_clock::now() < deadline) {
    if (world.post("/api/signup", signup(++number)).status == 201) return true;
  }
  return false;
}

void expect_refused_in_time(RestWorld& world, int first) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 16; ++i) bodies.push_back(signup(first + i));
  for (const auto& answer : world.post_at_once("/api/signup", bodies)) {
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code(), "unavailable");
    EXPECT_TRUE(answer.has_header("retry-after: "));
    EXPECT_LT(answer.took, 2s);
  }
}

TEST(Outage, APostgresThatIsGoneIsA503AndBackByItself) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup(1)).status, 201);
  world.on_thread([&] { world.gate().cut(); });
  expect_refused_in_time(world, 10);
  expect_refused_in_time(world, 30);
  world.on_thread([&] { world.gate().open(); });
  EXPECT_TRUE(recovers(world));
}

TEST(Outage, APostgresThatFallsSilentIsA503WithinTwoSeconds) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup(1)).status, 201);
  world.on_thread([&] { world.gate().freeze(); });
  expect_refused_in_time(world, 10);
  expect_refused_in_time(world, 30);
  world.on_thread([&] { world.gate().thaw(); });
  EXPECT_TRUE(recovers(world));
}

TEST(Outage, WhatWasUnderWayIsStoredOnceOrNotAtAll) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup(1)).status, 201);
  std::vector<std::string> bodies;
  for (int i = 0; i < 200; ++i) bodies.push_back(signup(100 + i));
  auto asked = std::async(std::launch::async, [&] { return world.post_at_once("/api/signup", bodies, {}); });
  world.database().cut_connections();
  const auto answers = asked.get();
  EXPECT_TRUE(recovers(world));
  // Those who were told to come again come again, with nothing but their address.
  std::vector<std::string> again;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status == 503) again.push_back(bodies[i]);
    EXPECT_TRUE(answers[i].status == 201 || answers[i].status == 503) << answers[i].status;
  }
  for (const auto& answer : world.post_at_once("/api/signup", again)) {
    EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.status;
  }
  EXPECT_EQ(world.column("SELECT count(*)::text FROM member JOIN outbox ON outbox.id::text = user_id").at(0),
            world.column("SELECT count(*)::text FROM member").at(0))
      << "a member without its event, or an event without its member";
  EXPECT_GE(world.count("member"), 201);
}

}  // namespace
}  // namespace bongsu::gateway
