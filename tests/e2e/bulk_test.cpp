// A message to an age group, from the administrator's call to the last recipient.
#include "support/stack/stack.hpp"

#include <array>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string kSend = "/api/admin/messages/send";

/// Counts of a job, as REST tells them.
struct Counts {
  std::string status;
  std::int64_t total = 0, success = 0, failure = 0, suppressed = 0, unknown = 0, pending = 0;

  bool add_up() const { return total == success + failure + suppressed + unknown + pending; }
  bool ended() const {
    return pending == 0 && (status == "COMPLETED" || status == "PARTIALLY_FAILED" || status == "FAILED" ||
                            status == "CANCELLED");
  }
};

class Bulk : public testing::Test {
 protected:
  void start() {
    for (const auto* service : {"gateway", "jobs", "kakao", "sms"}) stack_.start(service);
  }

  std::string send(const std::string& more = "") {
    const auto answer =
        stack_.post(kSend, R"({"ageGroup":"TWENTIES","message":"{{name}}님, 안녕하세요")" + more + "}");
    EXPECT_EQ(answer.status, 202) << answer.body;
    const auto data = answer.json().at("data");
    EXPECT_EQ(data.at("status").as_string(), "IN_PROGRESS");
    EXPECT_TRUE(std::string{data.at("estimatedDuration").as_string()}.starts_with("PT"));
    return std::string{data.at("jobId").as_string()};
  }

  /// Nothing while the gateway or jobs is away.
  std::optional<Counts> counts(const std::string& job) {
    const auto answer = stack_.get(kSend + "/" + job + "/status");
    if (answer.status != 200) return std::nullopt;
    const auto data = answer.json().at("data");
    const auto number = [&](const char* name) { return data.at(name).as_int64(); };
    return Counts{.status = std::string{data.at("status").as_string()},
                  .total = number("totalUsers"),
                  .success = number("successCount"),
                  .failure = number("failureCount"),
                  .suppressed = number("suppressedCount"),
                  .unknown = number("unknownCount"),
                  .pending = number("pendingCount")};
  }

  /// As soon as there is an answer.
  Counts counts_now(const std::string& job) {
    std::optional<Counts> told;
    eventually("job " + job + " has counts", [&] { return (told = counts(job)).has_value(); });
    return *told;
  }

  /// Both providers slow, with few connections: a job lasts as long as a test needs to interfere with it.
  void be_slow(int connections) {
    for (const auto* provider : {"KAKAOTALK", "SMS"})
      stack_.environment[std::string{"MESSAGE_API_"} + provider + "_CONNECTIONS"] =
          std::to_string(connections);
    stack_.simulator().settings(R"({"delayMs":500})");
  }

  Counts wait_for_end(const std::string& job, std::chrono::seconds limit = 120s) {
    std::optional<Counts> last;
    eventually(
        "job " + job + " has ended",
        [&] {
          last = counts(job);
          return last && last->ended();
        },
        limit);
    return *last;
  }

  Stack stack_;
};

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

TEST_F(Bulk, CountsAddUpAtEveryMomentWhilePartsAreKilled) {
  be_slow(50);
  start();
  stack_.import_crowd(6000);
  const auto job = send();
  std::atomic<bool> stop{false};
  std::atomic<int> read{0};
  std::thread reader{[&] {
    while (!stop) {
      const auto now = counts(job);
      if (!now) continue;
      ++read;
      EXPECT_TRUE(now->add_up()) << now->success << " " << now->pending;
      EXPECT_GE(now->pending, 0);
    }
  }};
  std::minstd_rand dice{20261121};
  const std::array parts{"jobs", "kakao", "gateway"};
  for (int kill = 0; kill < 6; ++kill) {
    const auto before = stack_.simulator().stats("kakao").accepted;
    eventually("something is sent",
               [&] { return stack_.simulator().stats("kakao").accepted > before + 100; });
    const auto* part = parts.at(dice() % parts.size());
    stack_.kill(part);
    stack_.start(part);
  }
  stack_.simulator().settings(R"({"delayMs":0})");
  const auto end = wait_for_end(job);
  stop = true;
  reader.join();
  EXPECT_GT(read, 5);
  EXPECT_EQ(end.status, "COMPLETED");
  EXPECT_EQ(end.success, 6000);
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 6000);
}

TEST_F(Bulk, APausedJobSendsNothingAnotherOneGoesOnAndACancelledOneIsCountedOut) {
  be_slow(50);
  start();
  stack_.import_crowd(4000);
  const auto job = send();
  eventually("it is sending", [&] { return stack_.simulator().stats("kakao").accepted > 100; });
  ASSERT_EQ(stack_.ctl("job pause " + job).exit_code, 0);
  // Who holds one knows of the pause: what is on the wire ends, and nothing more comes, although the lane is
  // full of it.
  std::int64_t requests = -1;
  eventually("sending has stopped", [&] {
    const auto stats = stack_.simulator().stats("kakao");
    return std::exchange(requests, stats.requests) == stats.requests && stats.in_flight == 0 &&
           stack_.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 6") > 0;
  });
  const auto sent = stack_.simulator().stats("kakao").accepted;
  EXPECT_LT(sent, 4000);
  EXPECT_EQ(counts_now(job).status, "PAUSED");

  stack_.simulator().settings(R"({"delayMs":0})");
  const auto other =
      stack_.ctl("-o json job create --age-group TWENTIES --channel KAKAO --message 'other' --watch");
  EXPECT_EQ(other.exit_code, 0) << other.error;
  EXPECT_EQ(stack_.simulator().stats("kakao").accepted, sent + 4000);

  // A channel that starts anew knows of the pause.
  stack_.kill("kakao");
  stack_.start("kakao");
  ASSERT_EQ(stack_.ctl("job resume " + job).exit_code, 0);
  const auto cancelled = stack_.ctl("-o json job cancel " + job);
  ASSERT_EQ(cancelled.exit_code, 0) << cancelled.error;
  EXPECT_EQ(boost::json::parse(cancelled.output).at("state").as_string(), "CANCELLED");
  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "CANCELLED");
  EXPECT_TRUE(end.add_up());
  EXPECT_EQ(end.success + end.suppressed, 4000);
  EXPECT_EQ(stack_.ctl("job pause " + job).exit_code, 4);
}

TEST_F(Bulk, WhatFellBackToSmsIsPausedWithItsJob) {
  stack_.environment["MESSAGE_RETRY_MAX_ATTEMPTS"] = "1";
  for (const auto* service : {"gateway", "jobs", "kakao"}) stack_.start(service);
  stack_.import_crowd(40);
  stack_.simulator().put_faults(R"([{"channel":"kakao","status":503}])");
  const auto job = send();
  eventually("all have fallen back",
             [&] { return stack_.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 7") == 40; });
  ASSERT_EQ(stack_.ctl("job pause " + job).exit_code, 0);
  stack_.start("sms");
  eventually("sms holds them",
             [&] { return stack_.count("SELECT count(*) FROM sms.ledger WHERE outcome = 6") == 40; });
  EXPECT_EQ(stack_.simulator().stats("sms").requests, 0);
  ASSERT_EQ(stack_.ctl("job resume " + job).exit_code, 0);
  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "COMPLETED");
  EXPECT_EQ(end.success, 40);
  EXPECT_EQ(stack_.simulator().stats("sms").unique, 40);
}

TEST_F(Bulk, SignupsMailsAreNotBehindTwoJobs) {
  be_slow(10);
  start();
  stack_.start("email");
  stack_.import_crowd(3000);
  send();
  send(R"(,"channel":"SMS")");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(stack_.sign_up("new" + std::to_string(i) + "@example.com", "New").status, 201);
  }
  for (int i = 0; i < 10; ++i) {
    eventually("the mail is there",
               [&] { return stack_.mails_to("new" + std::to_string(i) + "@example.com") == 1; });
  }
  EXPECT_LT(stack_.simulator().stats("kakao").accepted + stack_.simulator().stats("sms").accepted, 6000);
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
