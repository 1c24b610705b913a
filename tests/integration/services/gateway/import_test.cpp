#include "rest_world.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

const std::string kPath = "/api/admin/members/import";

class Import : public testing::Test {
 protected:
  Answer import(const std::string& lines, const std::string& more_header = "X-Nothing: 0") {
    return world_.post(kPath, lines,
                       {"Authorization: Bearer " + world_.token("importer", {"member.import"}),
                        "Content-Type: application/x-ndjson", more_header});
  }
  std::string one(const std::string& sql) { return world_.column(sql).at(0); }

  // The shortest wait for another's lock: it is the one that gives up.
  RestWorld world_{"127.0.0.1:1", std::chrono::milliseconds{100}};
};

std::string line(const std::string& email, const std::string& more = "") {
  return R"({"email":")" + email + R"(","name":"홍길동")" + more + "}\n";
}

std::int64_t number(const Answer& answer, const char* name) { return answer.data().at(name).as_int64(); }

TEST_F(Import, NewMembersAreStoredAndNobodyIsGreeted) {
  const auto answer =
      import(line("a@example.com", R"(,"userId":"u-1","phone":"010-1234-5678","birthDate":"2000-02-29")") +
             line("b@example.com", R"(,"residentNumber":"990131-2345678","status":"INACTIVE",)"
                                   R"("consents":{"marketing":true})"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(number(answer, "imported"), 2);
  EXPECT_EQ(number(answer, "updated"), 0);
  EXPECT_TRUE(answer.data().at("rejected").as_array().empty());
  EXPECT_EQ(
      one("SELECT birth_date || ' ' || has_phone || ' ' || status || ' ' || consent_marketing FROM member "
          "WHERE user_id = 'u-1'"),
      "2000-02-29 true ACTIVE false");
  EXPECT_EQ(
      one("SELECT birth_date || ' ' || has_phone || ' ' || status || ' ' || consent_marketing FROM member "
          "WHERE user_id <> 'u-1'"),
      "1999-01-31 false INACTIVE true");
  EXPECT_EQ(world_.count("outbox"), 0);
}

TEST_F(Import, AKnownMemberIsChangedAndKeepsWhatTheLineDoesNotSay) {
  ASSERT_EQ(import(line("a@example.com",
                        R"(,"userId":"u-1","status":"INACTIVE","consents":{"marketing":true,"night":true})"))
                .status,
            200);
  // By user id, with another address; then by address alone.
  const auto moved = import(line("A2@example.com", R"(,"userId":"u-1","phone":"010-1234-5678")"));
  EXPECT_EQ(number(moved, "updated"), 1);
  const auto again = import(line("a2@EXAMPLE.com", R"(,"consents":{"night":false})"));
  EXPECT_EQ(number(again, "updated"), 1);
  EXPECT_EQ(world_.count("member"), 1);
  EXPECT_EQ(one("SELECT status || ' ' || consent_marketing || ' ' || consent_night FROM member"),
            "INACTIVE true false");
}

TEST_F(Import, TheLaterLineOfAMemberCounts) {
  const auto answer = import(line("a@example.com", R"(,"birthDate":"2000-01-01")") +
                             line("a@example.com", R"(,"birthDate":"2000-01-02")") +
                             line("a@example.com", R"(,"birthDate":"2000-01-03")"));
  EXPECT_EQ(number(answer, "imported"), 1);
  EXPECT_EQ(number(answer, "updated"), 2);
  EXPECT_EQ(one("SELECT birth_date::text FROM member"), "2000-01-03");
}

TEST_F(Import, BadLinesAreToldWithTheirNumbersAndTheOthersStored) {
  const auto answer =
      import(line("a@example.com", R"(,"userId":"u-1")") + "\n" + "{not json\n" + line("no-address") +
             line("a@example.com", R"(,"userId":"u-2")") + line("c@example.com", R"(,"status":"GONE")") +
             line("d@example.com", R"(,"extra":1)") + line("e@example.com", R"(,"phone":"12")"));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(number(answer, "imported"), 1);
  std::vector<std::string> told;
  for (const auto& one : answer.data().at("rejected").as_array()) {
    told.push_back(std::to_string(one.at("line").as_int64()) + " " + std::string{one.at("code").as_string()});
    EXPECT_FALSE(one.at("message").as_string().empty());
  }
  EXPECT_EQ(told, (std::vector<std::string>{"3 malformed", "4 invalid_email", "5 email_taken",
                                            "6 invalid_value", "7 unknown_field", "8 invalid_phone"}));
  EXPECT_EQ(world_.count("member"), 1);
}

TEST_F(Import, NothingOfAPersonIsRepeatedInTheAnswer) {
  const auto answer =
      import(line("secret-address") + line("x@example.com", R"(,"residentNumber":"990131-1")"));
  const auto text = boost::json::serialize(answer.body);
  EXPECT_EQ(text.find("secret-address"), std::string::npos);
  EXPECT_EQ(text.find("990131"), std::string::npos);
}

TEST_F(Import, TheSameKeyGivesTheFirstAnswerAndAnotherBodyIsRefused) {
  const std::string key = "Idempotency-Key: import-1";
  ASSERT_EQ(import(line("a@example.com"), key).status, 200);
  const auto again = import(line("a@example.com"), key);
  EXPECT_EQ(again.status, 200);
  EXPECT_TRUE(again.has_header("idempotent-replayed: true"));
  EXPECT_EQ(number(again, "imported"), 1);
  EXPECT_EQ(import(line("b@example.com"), key).status, 422);
}

TEST_F(Import, ACheckJudgesAndStoresNothing) {
  const auto answer = world_.post(kPath + "/check", line("a@example.com") + line("no-address"),
                                  {"Authorization: Bearer " + world_.token("importer", {"member.import"}),
                                   "Content-Type: application/x-ndjson"});
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(number(answer, "imported"), 1);
  EXPECT_EQ(answer.data().at("rejected").as_array().size(), 1U);
  EXPECT_EQ(world_.count("member"), 0);
}

TEST_F(Import, NeedsItsRoleItsTypeAndAtMostAThousandLines) {
  EXPECT_EQ(world_.post(kPath, line("a@example.com"), {"Content-Type: application/x-ndjson"}).status, 403);
  EXPECT_EQ(world_
                .post(kPath, line("a@example.com"),
                      {"Authorization: Bearer " + world_.token("importer", {"member.import"})})
                .status,
            415);
  std::string lines;
  for (int i = 0; i < 1001; ++i) lines += line("a" + std::to_string(i) + "@example.com");
  EXPECT_EQ(import(lines).status, 400);
  EXPECT_EQ(world_.count("member"), 0);
}

TEST_F(Import, SignupsAtTheSameTimeMakeOneMemberOfAnAddress) {
  std::vector<std::string> signups;
  std::string lines;
  for (int i = 0; i < 50; ++i) {
    const auto email = "both" + std::to_string(i) + "@example.com";
    signups.push_back(R"({"email":")" + email + R"(","name":"A"})");
    lines += line(email);
  }
  // Who loses to signups again and again is told to come again.
  auto imported = std::async(std::launch::async, [&] {
    auto answer = import(lines);
    for (int times = 0; times < 50 && answer.status == 409; ++times) answer = import(lines);
    return answer;
  });
  const auto answers = world_.post_at_once("/api/signup", signups);
  EXPECT_EQ(imported.get().status, 200);
  for (const auto& answer : answers)
    EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.status;
  EXPECT_EQ(world_.count("member"), 50);
}

}  // namespace
}  // namespace bongsu::gateway
