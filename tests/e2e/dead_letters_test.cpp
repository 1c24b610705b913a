// Dead letters as an operator meets them: with bongsuctl, from what died to what arrived.
#include "support/stack/stack.hpp"
#include "support/upstream/upstream.hpp"

#include <set>

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DeadLetters : public testing::Test {
 protected:
  void start() {
    for (const auto* service : {"gateway", "deadletters", "kakao"}) stack_.launch(service);
    for (const auto* service : {"gateway", "deadletters", "kakao"}) stack_.wait_ready(service);
  }

  /// Kakao messages to 010-1100-1000, … that the provider refuses for good, indexed.
  void let_die(int count) {
    stack_.simulator().put_faults(R"([{"channel":"kakao","status":400}])");
    boost::json::array messages;
    for (int i = 0; i < count; ++i) {
      const auto number = std::to_string(1000 + i);
      messages.push_back(boost::json::object{{"clientMessageId", "m-" + number},
                                             {"channel", "KAKAO"},
                                             {"recipient", "010-1100-" + number},
                                             {"content", "letter " + number}});
    }
    const auto answer = stack_.post("/api/messages/batch",
                                    boost::json::serialize(boost::json::object{{"messages", messages}}));
    ASSERT_EQ(answer.status, 202) << answer.body;
    until_indexed(count);
    stack_.simulator().clear_faults();
    stack_.simulator().forget_messages();
  }

  void until_indexed(int count) {
    eventually(std::to_string(count) + " letters are indexed; its log:\n" + stack_.log_of("deadletters"),
               [&] { return open_letters() == count; });
  }

  std::int64_t open_letters() {
    const auto stats = stack_.ctl("-o json dlq stats --state OPEN");
    return stats.exit_code == 0 ? std::stoll(std::string{json(stats).at("totalCount").as_string()}) : -1;
  }

  static boost::json::value json(const CommandOutput& command) { return boost::json::parse(command.output); }
  static std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }

  boost::json::value letters(const std::string& filter = "") {
    const auto listed = stack_.ctl("-o json dlq list " + filter);
    EXPECT_EQ(listed.exit_code, 0) << listed.error;
    return json(listed);
  }

  Stack stack_;
};

TEST_F(DeadLetters, FromTheAlertToAllDeliveredByWhatTheToolSaysNext) {
  start();
  let_die(30);
  const auto stats = stack_.ctl("dlq stats");
  EXPECT_THAT(stats.output, AllOf(HasSubstr("30 letters"), HasSubstr("KAKAO"), HasSubstr("provider_rejected"),
                                  HasSubstr("100 %  ######")));

  // The one customer who called.
  const auto hers = letters("--recipient 010-1100-1007");
  ASSERT_EQ(hers.as_array().size(), 1U);
  const auto id = text(hers.at(0).at("name"));
  const auto masked = stack_.ctl("dlq show " + id);
  EXPECT_EQ(masked.exit_code, 0) << masked.error;
  EXPECT_THAT(masked.output,
              AllOf(HasSubstr("provider_rejected"), HasSubstr("***-****-1007"), HasSubstr("bongsu-reason"),
                    HasSubstr("HISTORY"), Not(HasSubstr("1100-1007")), Not(HasSubstr("11001007")),
                    Not(HasSubstr("letter 1007"))));
  const auto revealed = stack_.ctl("dlq show --reveal " + id);
  EXPECT_THAT(revealed.output, AllOf(HasSubstr("+821011001007"), HasSubstr("letter 1007")));
  EXPECT_THAT(stack_.log_of("deadletters"), AllOf(Not(HasSubstr("1100-1007")), Not(HasSubstr("11001007"))));

  const auto planned = stack_.ctl("dlq plan --channel KAKAO --reason provider_rejected --from 1h");
  ASSERT_EQ(planned.exit_code, 0) << planned.error;
  EXPECT_THAT(planned.output, HasSubstr("30 letters would be sent again"));
  const auto at = planned.output.find("next    bongsuctl ");
  ASSERT_NE(at, std::string::npos) << planned.output;
  auto next = planned.output.substr(at + 18);
  next = next.substr(0, next.find('\n'));
  EXPECT_EQ(stack_.ctl(next).exit_code, 4);  // nobody can be asked here
  EXPECT_EQ(stack_.simulator().stats("kakao").requests, 0);

  const auto replayed = stack_.ctl(next + " --rate 1000 --yes");
  EXPECT_EQ(replayed.exit_code, 0) << replayed.error << stack_.log_of("deadletters");
  EXPECT_THAT(replayed.error, HasSubstr("100 % COMPLETED 30 of 30 delivered"));
  const auto seen = stack_.simulator().stats("kakao");
  EXPECT_EQ(seen.unique, 30);
  EXPECT_EQ(seen.duplicates, 0);
  EXPECT_EQ(open_letters(), 0);
  EXPECT_EQ(letters("--state DELIVERED").as_array().size(), 30U);
  EXPECT_THAT(stack_.ctl("dlq show " + id).output, AllOf(HasSubstr("REPLAYING"), HasSubstr("DELIVERED")));

  // Once more: it is over, and there is nothing left that a plan could be made of.
  EXPECT_EQ(stack_.ctl("dlq replay --all --yes").exit_code, 4);
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 30);
}

TEST_F(DeadLetters, AListIsReadInPagesThatNeitherRepeatNorSkip) {
  start();
  let_die(25);
  std::set<std::string> ids;
  std::string more;
  for (int page = 0; page < 5; ++page) {
    const auto listed = stack_.ctl("-o json dlq list --channel kakao --limit 5" + more);
    ASSERT_EQ(listed.exit_code, 0) << listed.error;
    ASSERT_EQ(json(listed).as_array().size(), 5U);
    for (const auto& letter : json(listed).as_array()) ids.insert(text(letter.at("name")));
    const auto token = listed.error.find("--page-token ");
    EXPECT_EQ(token == std::string::npos, page == 4) << listed.error;
    if (token != std::string::npos)
      more = " " + listed.error.substr(token, listed.error.find('\n', token) - token);
  }
  EXPECT_EQ(ids.size(), 25U);
  // A token is its query's own.
  EXPECT_EQ(stack_.ctl("dlq list --channel SMS" + more).exit_code, 4);
}

TEST_F(DeadLetters, WhatIsWrongIsRefusedWithItsExitCodeAndNothingIsSent) {
  start();
  let_die(3);
  const auto name = text(json(stack_.ctl("-o json dlq plan --all")).at("name"));
  EXPECT_EQ(stack_.ctl("dlq replay " + name + " --digest 00 --yes").exit_code, 4);
  EXPECT_EQ(stack_.ctl("dlq replay " + name + " --rate 0 --yes").exit_code, 4);
  EXPECT_EQ(stack_.ctl("dlq replay --channel SMS --yes").exit_code, 4);
  EXPECT_EQ(stack_.ctl("dlq replay --channel PIGEON --yes").exit_code, 4);
  EXPECT_EQ(stack_.ctl("dlq list --reason bad_luck").exit_code, 4);
  EXPECT_EQ(stack_.ctl("dlq replay --yes").exit_code, 2);
  EXPECT_EQ(stack_.ctl("dlq show 00000000-0000-8000-8000-000000000000").exit_code, 3);
  EXPECT_EQ(stack_.ctl("dlq watch replays/019aa46b-a0f0-7abc-8def-0123456789ab").exit_code, 3);
  EXPECT_EQ(stack_.simulator().stats("kakao").requests, 0);
  EXPECT_EQ(open_letters(), 3);
  stack_.kill("deadletters");
  EXPECT_EQ(stack_.ctl("dlq stats").exit_code, 5);
  EXPECT_EQ(stack_.get("/api/admin/failures").status, 503);
}

TEST_F(DeadLetters, ACanaryThatFailsHaltsTheReplayAndTheRestStaysOpen) {
  start();
  let_die(20);
  stack_.simulator().put_faults(R"([{"channel":"kakao","status":400}])");
  const auto halted = stack_.ctl("dlq replay --channel KAKAO --canary 5 --min-success 0.8 --rate 1000 --yes");
  EXPECT_EQ(halted.exit_code, 1) << halted.error;
  EXPECT_THAT(halted.output, HasSubstr("HALTED"));
  EXPECT_EQ(stack_.simulator().stats("kakao").requests, 5);
  // 15 that were not sent, and 5 of the next generation.
  until_indexed(20);
  stack_.simulator().clear_faults();
  const auto all = stack_.ctl("dlq replay --channel KAKAO --canary 5 --min-success 0.8 --rate 1000 --yes");
  EXPECT_EQ(all.exit_code, 0) << all.error;
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 20);
}

TEST_F(DeadLetters, ANamedLetterGoesToAnotherRecipientAndStaysAsItWas) {
  start();
  let_die(2);
  const auto id = text(letters("--recipient 010-1100-1000").at(0).at("name"));
  const auto sent = stack_.ctl("dlq replay " + id + " --recipient 010-2200-4321 --yes");
  EXPECT_EQ(sent.exit_code, 0) << sent.error;
  EXPECT_THAT(sent.error, HasSubstr("goes to ***-****-4321"));
  const auto seen = stack_.simulator().messages("kakao");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].recipient, "010-2200-4321");
  EXPECT_EQ(seen[0].content, "letter 1000");
  EXPECT_THAT(stack_.ctl("dlq show --reveal " + id).output, HasSubstr("+821011001000"));
}

TEST_F(DeadLetters, AJobsLettersAreRetriedAndTheJobIsCompleted) {
  for (const auto* service : {"gateway", "jobs", "deadletters", "kakao"}) stack_.start(service);
  stack_.import_crowd(6);
  stack_.simulator().put_faults(R"([{"channel":"kakao","recipient":"010-1100-1001","status":400},
                                    {"channel":"kakao","recipient":"010-1100-1002","status":400}])");
  const auto created = stack_.ctl("-o json job create --age-group TWENTIES --fallback NONE --message x");
  ASSERT_EQ(created.exit_code, 0) << created.error;
  const auto job = text(json(created).at("name"));
  EXPECT_EQ(stack_.ctl("job watch " + job).exit_code, 1);
  until_indexed(2);
  stack_.simulator().clear_faults();
  const auto retried = stack_.ctl("job retry " + job + " --yes");
  EXPECT_EQ(retried.exit_code, 0) << retried.error;
  eventually("the job is completed", [&] {
    const auto shown = stack_.ctl("-o json job get " + job);
    if (shown.exit_code != 0) return false;
    const auto now = json(shown);
    return text(now.at("state")) == "COMPLETED" && text(now.at("successCount")) == "6";
  });
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 6);
}

TEST_F(DeadLetters, APoisonLetterIsListedShownAndDiscarded) {
  start();
  auto poison = clear_request(stack_.topic("kakao.request"), "p-1", "010-1234-5678", "x");
  poison.value = std::string("\x00\xFF{poison", 9);
  stack_.kafka.produce({poison});
  until_indexed(1);
  const auto letter = letters("--reason undecodable").at(0);
  const auto id = text(letter.at("name"));
  const auto shown = stack_.ctl("dlq show " + id);
  EXPECT_THAT(shown.output,
              AllOf(HasSubstr("undecodable"), HasSubstr("--reveal"), Not(HasSubstr("{poison"))));
  EXPECT_THAT(stack_.ctl("dlq show --reveal " + id).output,
              AllOf(HasSubstr("00 ff 7b"), HasSubstr("|..{poison|")));
  const auto discarded = stack_.ctl("dlq discard " + id + " --reason 'upstream sent nonsense' --yes");
  EXPECT_EQ(discarded.exit_code, 0) << discarded.error;
  EXPECT_EQ(open_letters(), 0);
  EXPECT_THAT(stack_.ctl("dlq show " + id).output,
              AllOf(HasSubstr("DISCARDED"), HasSubstr("upstream sent nonsense")));
  EXPECT_EQ(stack_.ctl("dlq replay " + id + " --yes").exit_code, 4);
}

TEST_F(DeadLetters, TheSameOverRest) {
  start();
  let_die(4);
  const auto failures = stack_.get("/api/admin/failures?channel=KAKAO&reason=provider_rejected&pageSize=3");
  ASSERT_EQ(failures.status, 200) << failures.body;
  const auto data = failures.json().at("data");
  EXPECT_EQ(data.at("items").as_array().size(), 3U);
  EXPECT_EQ(data.at("items").at(0).at("state"), "OPEN");
  EXPECT_FALSE(data.at("nextPageToken").is_null());
  EXPECT_EQ(stack_.get("/api/admin/failures?channel=PIGEON").status, 400);

  const auto planned = stack_.post("/api/admin/replays", R"({"filter":{"channel":"KAKAO"}})");
  ASSERT_EQ(planned.status, 201) << planned.body;
  const auto id = text(planned.json().at("data").at("replayId"));
  const auto digest = text(planned.json().at("data").at("digest"));
  const auto path = "/api/admin/replays/" + id;
  EXPECT_EQ(stack_.post(path + "/execute", R"({"digest":"00","ratePerSecond":10})").status, 409);
  const auto executed =
      stack_.post(path + "/execute", R"({"digest":")" + digest + R"(","ratePerSecond":1000})");
  EXPECT_EQ(executed.status, 202) << executed.body;
  eventually("the replay is completed", [&] {
    const auto told = stack_.get(path);
    return told.status == 200 && told.json().at("data").at("state") == "COMPLETED";
  });
  EXPECT_EQ(stack_.get(path).json().at("data").at("deliveredCount"), 4);
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 4);
}

}  // namespace
}  // namespace bongsu::support
