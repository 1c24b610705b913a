// Dead letters over REST, in front of a DeadLetterService that answers what the test says.
#include "rest_world.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <support/deadletters/fake_dead_letters.hpp>

namespace bongsu::gateway {
namespace {

using namespace deadletters::v1;
using testing::ElementsAre;

const std::string kFailures = "/api/admin/failures";
const std::string kReplays = "/api/admin/replays";
const std::string kReplay = "019aa46b-a0f0-7abc-8def-0123456789ab";
const std::string kJob = "019aa46b-a0f0-7abc-8def-000000000001";

Replay plan() {
  Replay made;
  made.set_name("replays/" + kReplay);
  made.set_state(Replay::PLANNED);
  made.set_digest("d1");
  made.set_total_count(12);
  made.set_waiting_count(12);
  auto& count = *made.add_counts();
  count.set_reason("unavailable");
  count.set_count(12);
  auto& warning = *made.add_warnings();
  warning.set_code("replayed_before");
  warning.set_count(2);
  warning.set_message("2 were replayed before");
  made.mutable_expire_time()->set_seconds(1'800'000'000);
  return made;
}

class Letters : public testing::Test {
 protected:
  std::vector<std::string> as(const std::set<std::string>& roles, std::vector<std::string> more = {}) const {
    more.push_back("Authorization: Bearer " + world_.token("operator", roles));
    return more;
  }
  Answer list(const std::string& query) const {
    return world_.get(kFailures + query, as({"deadletter.read"}));
  }
  Answer post(const std::string& path, const std::string& body, std::vector<std::string> more = {}) const {
    return world_.post(path, body, as({"deadletter.replay"}, std::move(more)));
  }

  support::FakeDeadLetters letters_;
  RestWorld world_{letters_.address()};
};

std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }

TEST_F(Letters, AreListedByWhatTheQuerySays) {
  letters_.on_list = [](const ListDeadLettersRequest&) {
    ListDeadLettersResponse page;
    auto& letter = *page.add_dead_letters();
    letter.set_name("deadLetters/7f");
    letter.set_notification_id("n-1");
    letter.set_channel("KAKAO");
    letter.set_recipient("010-****-1001");
    letter.set_reason("provider_rejected");
    letter.set_provider_code("400");
    letter.set_job("jobs/" + kJob);
    letter.set_attempts(3);
    letter.mutable_died_time()->set_seconds(1'700'000'000);
    letter.set_state(DeadLetter::OPEN);
    page.add_dead_letters()->set_channel("SMS");
    page.set_next_page_token("more");
    return page;
  };
  const auto answer = list("?channel=KAKAO&reason=provider_rejected&jobId=" + kJob +
                           "&from=2026-11-21T03%3A00%3A00%2B09%3A00&to=2026-11-21T04:00:00Z&pageSize=2"
                           "&pageToken=t");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto& asked = letters_.listed.at(0);
  EXPECT_THAT(asked.filter().channels(), ElementsAre("KAKAO"));
  EXPECT_THAT(asked.filter().reasons(), ElementsAre("provider_rejected"));
  EXPECT_EQ(asked.filter().job(), "jobs/" + kJob);
  EXPECT_EQ(asked.filter().to().seconds() - asked.filter().from().seconds(), 10 * 3600);
  EXPECT_EQ(asked.page_size(), 2);
  EXPECT_EQ(asked.page_token(), "t");

  const auto& items = answer.data().at("items").as_array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(boost::json::serialize(items.at(0)),
            R"({"id":"7f","notificationId":"n-1","channel":"KAKAO","recipient":"010-****-1001",)"
            R"("reason":"provider_rejected","providerCode":"400","jobId":")" +
                kJob +
                R"(","attempts":3,"generation":0,"diedAt":"2023-11-14T22:13:20.000Z","state":"OPEN"})");
  // An undecodable one tells little.
  EXPECT_TRUE(items.at(1).at("notificationId").is_null());
  EXPECT_TRUE(items.at(1).at("diedAt").is_null());
  EXPECT_EQ(text(answer.data().at("nextPageToken")), "more");
}

TEST_F(Letters, AnUnknownChannelOrReasonIsRefusedByItsName) {
  EXPECT_EQ(list("?channel=PIGEON").status, 400);
  EXPECT_EQ(list("?channel=PIGEON").error_of("channel"), "invalid_value");
  EXPECT_EQ(list("?reason=bad_luck").error_of("reason"), "invalid_value");
  EXPECT_EQ(list("?jobId=1").error_of("jobId"), "invalid_value");
  EXPECT_EQ(list("?from=yesterday").error_of("from"), "invalid_time");
  EXPECT_EQ(list("?pageSize=0").error_of("pageSize"), "invalid_value");
  EXPECT_EQ(list("?pageSize=ten").error_of("pageSize"), "invalid_value");
  EXPECT_EQ(list("?chanel=SMS").error_of("chanel"), "unknown_field");
  EXPECT_EQ(list("?channel=%FF").status, 400);
  EXPECT_TRUE(letters_.listed.empty());
}

TEST_F(Letters, AFieldThatTheServiceRefusesIsNamedAsInJson) {
  letters_.on_list = [](const ListDeadLettersRequest&) {
    return rpc::refuse_fields({{"page_token", "malformed", "is of another query"},
                               {"filter.to", "before_from", "must be later than from"}});
  };
  const auto answer = list("?pageToken=x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error_of("pageToken"), "malformed");
  EXPECT_EQ(answer.error_of("to"), "before_from");
}

TEST_F(Letters, WhoLacksTheRoleIsRefusedBeforeAnybodyIsAsked) {
  EXPECT_EQ(world_.get(kFailures, {"X-No: token"}).status, 401);
  EXPECT_EQ(world_.get(kFailures, as({"deadletter.replay"})).status, 403);
  EXPECT_EQ(world_.post(kReplays, R"({"ids":["1"]})", as({"deadletter.read"})).status, 403);
  EXPECT_EQ(world_.post(kReplays + "/" + kReplay + "/execute", "{}", as({"deadletter.read"})).status, 403);
  EXPECT_EQ(world_.get(kReplays + "/" + kReplay, as({"deadletter.replay"})).status, 403);
  EXPECT_TRUE(letters_.listed.empty());
  EXPECT_TRUE(letters_.created.empty());
}

TEST_F(Letters, AReplayIsPlannedWithItsWarningsInTheCallersLanguage) {
  letters_.on_create = [](const CreateReplayRequest&) { return plan(); };
  const auto answer = post(kReplays, R"({"filter":{"channel":"kakao","reasons":["timeout","unavailable"],
      "jobId":")" + kJob + R"(","recipient":"010-1234-5678","minReplayCount":1}})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto& filter = letters_.created.at(0).filter();
  EXPECT_THAT(filter.channels(), ElementsAre("KAKAO"));
  EXPECT_THAT(filter.reasons(), ElementsAre("timeout", "unavailable"));
  EXPECT_EQ(filter.recipient(), "010-1234-5678");
  EXPECT_EQ(filter.min_replay_count(), 1);
  const auto& data = answer.data();
  EXPECT_EQ(text(data.at("replayId")), kReplay);
  EXPECT_EQ(data.at("digest"), "d1");
  EXPECT_EQ(boost::json::serialize(data.at("counts")), R"([{"reason":"unavailable","count":12}])");
  EXPECT_EQ(data.at("warnings").at(0).at("code"), "replayed_before");
  EXPECT_EQ(data.at("warnings").at(0).at("message"),
            "2건: 이미 재처리된 적이 있습니다. 원인을 먼저 확인해 주세요.");
  EXPECT_EQ(text(data.at("expiresAt")), "2027-01-15T08:00:00.000Z");

  const auto english = post(kReplays, R"({"ids":["7f","deadLetters/80"]})", {"Accept-Language: en"});
  ASSERT_EQ(english.status, 201);
  EXPECT_EQ(english.data().at("warnings").at(0).at("message"), "2 were replayed before");
  EXPECT_THAT(letters_.created.at(1).names(), ElementsAre("deadLetters/7f", "deadLetters/80"));
}

TEST_F(Letters, APlanOfNothingOrOfBothIsRefused) {
  EXPECT_EQ(post(kReplays, "{}").error_of("filter"), "required");
  EXPECT_EQ(post(kReplays, R"({"filter":{},"ids":["1"]})").error_of("ids"), "not_allowed");
  EXPECT_EQ(post(kReplays, R"({"filter":{"channel":"PIGEON"}})").error_of("filter.channel"), "invalid_value");
  EXPECT_EQ(post(kReplays, R"({"filter":{"reason":"luck"}})").error_of("filter.reason"), "invalid_value");
  EXPECT_EQ(post(kReplays, R"({"filter":{"chanel":"SMS"}})").error_of("filter.chanel"), "unknown_field");
  EXPECT_TRUE(letters_.created.empty());
  letters_.on_create = [](const CreateReplayRequest&) {
    return rpc::refuse(ErrorCode::kConflict, "nothing_matches", "no open letter matches");
  };
  const auto nothing = post(kReplays, R"({"filter":{}})");
  EXPECT_EQ(nothing.status, 409);
  EXPECT_EQ(nothing.code(), "nothing_matches");
}

TEST_F(Letters, APlanIsExecutedByItsDigestAndOnlyThen) {
  letters_.on_execute = [](const ExecuteReplayRequest& request) -> rpc::Answer<Replay> {
    if (request.digest() != "d1")
      return rpc::refuse(ErrorCode::kConflict, "digest_mismatch", "the plan's digest is another");
    auto running = plan();
    running.set_state(Replay::RUNNING);
    running.set_rate_per_second(request.rate_per_second());
    *running.mutable_canary() = request.canary();
    running.set_canaries(Replay::AWAITED);
    return running;
  };
  const auto path = kReplays + "/" + kReplay + "/execute";
  const auto wrong = post(path, R"({"digest":"d2","ratePerSecond":1})");
  EXPECT_EQ(wrong.status, 409);
  EXPECT_EQ(wrong.code(), "digest_mismatch");
  const auto answer =
      post(path, R"({"digest":"d1","ratePerSecond":2.5,"canary":{"count":10,"minSuccessRatio":0.9}})");
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(letters_.executed.at(1).name(), "replays/" + kReplay);
  EXPECT_EQ(answer.data().at("state"), "RUNNING");
  EXPECT_EQ(answer.data().at("ratePerSecond").as_double(), 2.5);
  EXPECT_EQ(boost::json::serialize(answer.data().at("canary")),
            R"({"count":10,"minSuccessRatio":9E-1,"state":"AWAITED"})");

  EXPECT_EQ(post(path, R"({"digest":"d1","ratePerSecond":0})").error_of("ratePerSecond"), "not_positive");
  EXPECT_EQ(post(path, R"({"ratePerSecond":1})").error_of("digest"), "required");
  EXPECT_EQ(post(path, R"({"digest":"d1","ratePerSecond":1,"canary":{"count":0,"minSuccessRatio":1}})")
                .error_of("canary.count"),
            "too_small");
  EXPECT_EQ(post(kReplays + "/none/execute", R"({"digest":"d1","ratePerSecond":1})").status, 404);
  EXPECT_EQ(letters_.executed.size(), 2U);
}

TEST_F(Letters, ARepeatedPostIsAnsweredAsTheFirstAndAskedOnce) {
  letters_.on_create = [](const CreateReplayRequest&) { return plan(); };
  letters_.on_execute = [](const ExecuteReplayRequest&) { return plan(); };
  const std::string filter = R"({"filter":{"channel":"SMS"}})";
  const auto first = post(kReplays, filter, {"Idempotency-Key: k"});
  const auto again = post(kReplays, R"({ "filter": {"channel": "SMS"} })", {"Idempotency-Key: k"});
  ASSERT_EQ(again.status, 201);
  EXPECT_TRUE(again.has_header("idempotent-replayed: true"));
  EXPECT_EQ(first.data(), again.data());
  EXPECT_EQ(letters_.created.size(), 1U);
  EXPECT_EQ(post(kReplays, R"({"filter":{}})", {"Idempotency-Key: k"}).code(), "idempotency_conflict");

  const std::string execution = R"({"digest":"d1","ratePerSecond":1})";
  const auto path = kReplays + "/" + kReplay + "/execute";
  EXPECT_EQ(post(path, execution, {"Idempotency-Key: k"}).status, 202);  // another operation
  EXPECT_TRUE(post(path, execution, {"Idempotency-Key: k"}).has_header("idempotent-replayed: true"));
  EXPECT_EQ(letters_.executed.size(), 1U);
  EXPECT_EQ(post(kReplays + "/" + kJob + "/execute", execution, {"Idempotency-Key: k"}).status, 422);
}

TEST_F(Letters, ProgressIsTold) {
  letters_.on_get_replay = [](const GetReplayRequest& request) -> rpc::Answer<Replay> {
    if (request.name() != "replays/" + kReplay)
      return rpc::refuse(ErrorCode::kNotFound, "replay_not_found", "there is no such replay");
    auto done = plan();
    done.set_state(Replay::COMPLETED);
    done.set_waiting_count(0);
    done.set_delivered_count(11);
    done.set_dead_again_count(1);
    return done;
  };
  const auto answer = world_.get(kReplays + "/" + kReplay, as({"deadletter.read"}));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.data().at("state"), "COMPLETED");
  EXPECT_EQ(answer.data().at("deliveredCount"), 11);
  EXPECT_EQ(answer.data().at("deadAgainCount"), 1);
  EXPECT_EQ(world_.get(kReplays + "/" + kJob, as({"deadletter.read"})).status, 404);
  EXPECT_EQ(world_.get(kReplays + "/none", as({"deadletter.read"})).status, 404);
}

TEST(LettersAway, IsA503WithWhenToTryAgain) {
  RestWorld world;
  const auto answer =
      world.get(kFailures, {"Authorization: Bearer " + world.token("operator", {"deadletter.read"})});
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has_header("retry-after: 1"));
}

}  // namespace
}  // namespace bongsu::gateway
