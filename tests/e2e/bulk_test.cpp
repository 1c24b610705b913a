// A message to an age group, from the administrator's call to the last recipient.
#include "bulk_world.hpp"

#include <fstream>

#include <gmock/gmock.h>

namespace bongsu::support {
namespace {

using testing::HasSubstr;

TEST_F(Bulk, EverybodyOfTheAgeGroupIsReachedOnceAndCounted) {
  start();
  stack_.import_crowd(1500);
  stack_.import_crowd(1, "1990-01-01");
  const auto job = send();
  const auto at_once = counts_now(job);
  EXPECT_TRUE(at_once.add_up());
  EXPECT_EQ(at_once.total, 1499);

  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "COMPLETED");
  EXPECT_EQ(end.success, 1499);
  const auto told = stack_.get(kSend + "/" + job + "/status").json().at("data");
  const auto started = parse_rfc3339(told.at("startedAt").as_string());
  const auto completed = parse_rfc3339(told.at("completedAt").as_string());
  ASSERT_TRUE(started && completed) << told;
  EXPECT_LT(*started, *completed);
  EXPECT_TRUE(end.add_up());
  const auto stats = stack_.simulator().stats("kakao");
  EXPECT_EQ(stats.unique, 1499);
  EXPECT_EQ(stats.duplicates, 0);
  const auto seen = stack_.simulator().messages("kakao", "010-1100-1007");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen.front().content, "회원100007님, 안녕하세요");
  // The last page is forgotten after jobs was told of it.
  eventually("no page is left", [&] { return stack_.count("SELECT count(*) FROM gateway.bulk_page") == 0; });
}

TEST_F(Bulk, WhoFailsOrFallsBackOrIsLeftOutIsCountedAsThat) {
  start();
  stack_.import_crowd(10);
  stack_.import_members(
      R"({"userId":"m-100009","email":"m100009@example.com","name":"x","birthDate":"2000-01-01"})");
  stack_.simulator().put_faults(R"([{"channel":"kakao","recipient":"010-1100-1001","status":400},
                                    {"channel":"kakao","recipient":"010-1100-1002","status":503}])");
  const auto job = send();
  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "PARTIALLY_FAILED");
  EXPECT_EQ(end.total, 10);
  EXPECT_EQ(end.failure, 1);
  EXPECT_EQ(end.suppressed, 1);
  EXPECT_EQ(end.success, 8);
  EXPECT_EQ(stack_.simulator().stats("sms").unique, 1);

  const auto shown = stack_.ctl("-o json job get " + job);
  ASSERT_EQ(shown.exit_code, 0) << shown.error;
  const auto json = boost::json::parse(shown.output);
  EXPECT_EQ(json.at("fallbackCount").as_string(), "1");
  EXPECT_EQ(json.at("suppressedByReason").as_array().at(0).at("reason").as_string(), "no_recipient");
  const auto failures = stack_.ctl("job failures " + job);
  ASSERT_EQ(failures.exit_code, 0) << failures.error;
  EXPECT_THAT(failures.output, HasSubstr("provider_rejected"));
  EXPECT_THAT(failures.output, HasSubstr("***-****-1001"));
}

TEST_F(Bulk, BadInputIsRefusedWithWhatToDo) {
  start();
  const auto refused = [&](const std::string& body) { return stack_.post(kSend, body); };
  const auto field_code = [](const Answer& answer) {
    const auto json = answer.json();
    return std::to_string(answer.status) + " " +
           std::string{json.at("errors").at(0).at("field").as_string()} + " " +
           std::string{json.at("errors").at(0).at("code").as_string()};
  };
  EXPECT_EQ(field_code(refused(R"({"ageGroup":"CHILDREN","message":"x"})")), "400 ageGroup invalid_value");
  EXPECT_EQ(field_code(refused(R"({"ageGroup":"TEENS","message":""})")), "400 message required");
  EXPECT_EQ(field_code(refused(R"({"ageGroup":"TEENS","message":")" + std::string(10'001, 'x') + "\"}")),
            "400 message too_long");
  EXPECT_EQ(field_code(refused(R"({"ageGroup":"TEENS","message":"{{phone}}"})")),
            "400 message unknown_placeholder");
  EXPECT_EQ(http_post(stack_.gateway() + kSend, "{}", {"content-type: application/json"}).status, 401);
  EXPECT_EQ(stack_.get(kSend + "/no-id/status").status, 404);
  EXPECT_EQ(stack_.get(kSend + "/019aa46b-a0f0-7abc-8def-0123456789ab/status").status, 404);

  EXPECT_EQ(stack_.ctl("job create --age-group CHILDREN --message x").exit_code, 4);
  const auto unknown = stack_.ctl("job get 019aa46b-a0f0-7abc-8def-0123456789ab");
  EXPECT_EQ(unknown.exit_code, 3) << unknown.error;
  const auto placeholder = stack_.ctl("job create --age-group TEENS --message '{{phone}}'");
  EXPECT_EQ(placeholder.exit_code, 4);
  EXPECT_THAT(placeholder.error, HasSubstr("message"));
  stack_.kill("jobs");
  EXPECT_EQ(stack_.ctl("job list").exit_code, 5);
  const auto away = refused(R"({"ageGroup":"TEENS","message":"x"})");
  EXPECT_EQ(away.status, 503);
  EXPECT_FALSE(away.header("retry-after").empty());
}

TEST_F(Bulk, TheSameKeyIsOneJobAlsoWhenJobsOrTheAnswerWasLost) {
  start();
  stack_.import_crowd(3);
  const std::string body = R"({"ageGroup":"TWENTIES","message":"x"})";
  const std::vector<std::string> headers{
      "content-type: application/json", "authorization: Bearer " + stack_.token(), "idempotency-key: send-1"};
  const auto first = http_post(stack_.gateway() + kSend, body, headers);
  const auto again = http_post(stack_.gateway() + kSend, body, headers);
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  EXPECT_EQ(first.json().at("data"), again.json().at("data"));
  // As if the gateway had died before it noted the answer.
  stack_.count("WITH gone AS (DELETE FROM gateway.idempotency_key RETURNING 1) SELECT count(*) FROM gone");
  stack_.import_crowd(2, "1990-01-01");
  const auto anew = http_post(stack_.gateway() + kSend, body, headers);
  EXPECT_EQ(anew.json().at("data").at("jobId"), first.json().at("data").at("jobId"));
  EXPECT_EQ(http_post(stack_.gateway() + kSend, R"({"ageGroup":"TEENS","message":"x"})", headers).status,
            422);
}

TEST_F(Bulk, AHeldJobShowsItsPlanAndStartsWhenTold) {
  start();
  stack_.import_crowd(20);
  const auto held = stack_.ctl("-o json job create --age-group TWENTIES --message x --hold");
  ASSERT_EQ(held.exit_code, 0) << held.error;
  EXPECT_THAT(held.error, HasSubstr("20 members of TWENTIES by KAKAO"));
  EXPECT_THAT(held.error, HasSubstr("bongsuctl job start"));
  const auto job = std::string{boost::json::parse(held.output).at("name").as_string()};
  EXPECT_EQ(boost::json::parse(held.output).at("state").as_string(), "PLANNED");
  EXPECT_EQ(stack_.simulator().stats("kakao").requests, 0);
  ASSERT_EQ(stack_.ctl("job start " + job).exit_code, 0);
  const auto watched = stack_.ctl("job watch " + job);
  EXPECT_EQ(watched.exit_code, 0) << watched.error;
  EXPECT_THAT(watched.error, HasSubstr("100 % COMPLETED 20 of 20"));
}

TEST_F(Bulk, AFileOfMembersIsImported) {
  start();
  const auto path = stack_.folder() / "members.csv";
  std::string csv = "user_id,email,name,phone,birth_date,consent_marketing\n";
  for (int i = 0; i < 2500; ++i) {
    csv += "c-" + std::to_string(i) + ",c" + std::to_string(i) + "@example.com,회원,,2001-02-03,yes\n";
  }
  std::ofstream{path} << csv << "c-x,not-an-address,회원,,,\n";
  const auto strict = stack_.ctl("member import --strict " + path.string());
  EXPECT_EQ(strict.exit_code, 4) << strict.error;
  EXPECT_THAT(strict.error, HasSubstr("nothing was stored"));
  EXPECT_EQ(stack_.count("SELECT count(*) FROM gateway.member"), 0);
  const auto imported = stack_.ctl("-o json member import " + path.string());
  EXPECT_EQ(imported.exit_code, 1) << imported.error;
  EXPECT_THAT(imported.error, HasSubstr("line 2502: invalid_email"));
  EXPECT_EQ(boost::json::parse(imported.output).at("imported").as_int64(), 2500);
  EXPECT_EQ(stack_.count("SELECT count(*) FROM gateway.member WHERE consent_marketing"), 2500);
  EXPECT_EQ(stack_.ctl("member import /no/such/file").exit_code, 3);
}

}  // namespace
}  // namespace bongsu::support
