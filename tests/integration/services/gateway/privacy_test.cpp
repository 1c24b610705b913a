#include "known_keys.hpp"
#include "rest_world.hpp"

#include <bongsu/core/bytes.hpp>

#include <array>
#include <cstdio>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

/// Everything in the database, as pg_dump writes it.
std::string dump(const postgres::Settings& administrator) {
  const auto command = "pg_dump --data-only --schema=gateway '" + administrator.uri + "' 2>&1";
  std::string text;
  auto* pipe = popen(command.c_str(), "r");
  std::array<char, 65536> part{};
  while (const auto count = fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), count);
  if (pclose(pipe) != 0) throw std::runtime_error{"pg_dump: " + text.substr(0, 500)};
  return text;
}

TEST(Privacy, NothingOfAPersonRestsInClear) {
  RestWorld world;
  ASSERT_EQ(world
                .post("/api/signup",
                      R"({"email":"Canary.Bird@example.com","name":"카나리아","phone":"010-9876-5432",)"
                      R"("residentNumber":"990131-1234567"})",
                      {"Idempotency-Key: canary-key"})
                .status,
            201);
  ASSERT_EQ(
      world
          .post(
              "/api/messages",
              R"({"clientMessageId":"canary-id","channel":"KAKAO","recipient":"010-5555-4444","content":"canary text",)"
              R"("fallback":{"channel":"EMAIL","recipient":"canary.fallback@example.com"}})")
          .status,
      202);
  ASSERT_EQ(
      world
          .post(
              "/api/messages/batch",
              R"({"messages":[{"clientMessageId":"canary-2","channel":"EMAIL","recipient":"canary.batch@example.com",)"
              R"("subject":"canary subject","content":"c"}]})",
              {"Idempotency-Key: canary-batch"})
          .status,
      202);
  const auto all = dump(world.database().administrator());
  EXPECT_NE(all.find("1999-01-31"), std::string::npos) << "birth dates are in clear, or nothing was dumped";
  for (const std::string secret :
       {"Canary.Bird", "canary.bird", "카나리아", "01098765432", "1098765432", "010-9876-5432",
        "990131-1234567", "9901311234567", "canary text", "1055554444", "010-5555-4444", "canary.fallback",
        "canary.batch", "canary subject", "canary-key", "canary-id", "canary-2"}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
    // bytea is dumped in hexadecimal
    EXPECT_EQ(all.find(to_hex(secret)), std::string::npos) << secret << " in a bytea";
  }
}

TEST(Keys, AreForgottenInPieces) {
  RestWorld world;
  ASSERT_EQ(
      world.post("/api/signup", R"({"email":"a@example.com","name":"A"})", {"Idempotency-Key: old"}).status,
      201);
  world.column("UPDATE idempotency_key SET created_at = now() - interval '8 days' RETURNING 'done'");
  ASSERT_EQ(
      world.post("/api/signup", R"({"email":"b@example.com","name":"B"})", {"Idempotency-Key: new"}).status,
      201);
  EXPECT_EQ(world.run(forget_keys(world.pool(), std::chrono::days{7}, 1000)), 1U);
  EXPECT_EQ(world.run(forget_keys(world.pool(), std::chrono::days{7}, 1000)), 0U);
  EXPECT_EQ(world.count("idempotency_key"), 1);
}

}  // namespace
}  // namespace bongsu::gateway
