#include "rest_world.hpp"

#include <functional>

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

/// Whether all of them were answered within two seconds; refused they are in any case.
bool refused_in_time(RestWorld& world, int first) {
  bool in_time = true;
  std::vector<std::string> bodies;
  for (int i = 0; i < 16; ++i) bodies.push_back(signup(first + i));
  for (const auto& answer : world.post_at_once("/api/signup", bodies)) {
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code(), "unavailable");
    EXPECT_TRUE(answer.has_header("retry-after: "));
    in_time = in_time && answer.took < 2s;
  }
  return in_time;
}

/// A busy machine takes time of its own: of some outages alike one shows how long the gateway takes.
void expect_prompt_refusals(RestWorld& world, const std::function<void()>& away,
                            const std::function<void()>& back) {
  bool in_time = false;
  for (int outage = 0; outage < 5 && !in_time; ++outage) {
    world.on_thread(away);
    in_time = refused_in_time(world, 10);
    in_time = refused_in_time(world, 30) && in_time;
    world.on_thread(back);
    ASSERT_TRUE(recovers(world));
  }
  EXPECT_TRUE(in_time) << "the refusals took over two seconds each time";
}

TEST(Outage, APostgresThatIsGoneIsA503AndBackByItself) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup(1)).status, 201);
  expect_prompt_refusals(world, [&] { world.gate().cut(); }, [&] { world.gate().open(); });
}

TEST(Outage, APostgresThatFallsSilentIsA503WithinTwoSeconds) {
  RestWorld world;
  ASSERT_EQ(world.post("/api/signup", signup(1)).status, 201);
  expect_prompt_refusals(world, [&] { world.gate().freeze(); }, [&] { world.gate().thaw(); });
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
  for (int times = 0; times < 10 && !again.empty(); ++times) {
    const auto told = world.post_at_once("/api/signup", again);
    std::vector<std::string> left;
    for (std::size_t i = 0; i < told.size(); ++i) {
      if (told[i].status == 503) left.push_back(again[i]);
      EXPECT_TRUE(told[i].status == 201 || told[i].status == 409 || told[i].status == 503) << told[i].status;
    }
    again = std::move(left);
  }
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(world.column("SELECT count(*)::text FROM member JOIN outbox ON outbox.id::text = user_id").at(0),
            world.column("SELECT count(*)::text FROM member").at(0))
      << "a member without its event, or an event without its member";
  EXPECT_GE(world.count("member"), 201);
}

}  // namespace
}  // namespace bongsu::gateway
